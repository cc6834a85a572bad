/** Which app asks: the API reads the cookie of that app's sign-in and no other. */
export type AppName = "portal" | "admin";
