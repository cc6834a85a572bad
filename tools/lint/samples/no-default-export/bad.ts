const sample = 1;
export { sample as default }; // fault
