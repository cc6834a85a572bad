import "./shell.css";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import { useSession } from "../session/session.tsx";
import { OfflineBanner } from "../states/offline-banner.tsx";
import { PageSkeleton } from "../states/skeletons.tsx";
import { SchemeToggle } from "../theme/scheme-toggle.tsx";
import { FaultBoundary } from "./fault-boundary.tsx";
import { Wordmark } from "./wordmark.tsx";

/** One entry of the app's navigation. `exact`: current only on that very path, not on those below it. */
export type NavEntry = { readonly to: string; readonly label: string; readonly exact?: boolean };

/**
 * The frame of every page: skip link, name, navigation, who is signed in. Members get a light bar on top, staff a dark
 * column at the side with a "Staff" tag, so that a person with both open never mistakes one for the other.
 */
export function AppFrame({
  entries,
  context,
  notice = null,
  children,
}: {
  entries: readonly NavEntry[];
  context: string;
  /** Stands on every page, outside of what the skip link leads to. */
  notice?: ReactNode;
  children: ReactNode;
}) {
  const { app, viewer, signOut } = useSession();
  const { pathname } = useLocation();
  const main = useFocusOnNavigation(pathname);
  return (
    <div className="ml-frame" data-app={app}>
      <a className="ml-skip" href="#main">
        Skip to content
      </a>
      <header className="ml-bar">
        <div className="ml-bar-name">
          <Wordmark staff={app === "admin"} />
          {app === "portal" ? <span className="ml-bar-context">{context}</span> : null}
        </div>
        <nav className="ml-nav" aria-label="Main">
          {entries.map((entry) => (
            <NavLink key={entry.to} to={entry.to} end={entry.exact ?? false} className="ml-nav-link">
              {entry.label}
            </NavLink>
          ))}
        </nav>
        <div className="ml-bar-person">
          <span className="ml-bar-viewer" title={viewer.email ?? undefined}>
            {viewer.name}
          </span>
          <SchemeToggle />
          <button type="button" className="ml-quiet ml-signout" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <div className="ml-body">
        <OfflineBanner />
        {notice}
        <main id="main" ref={main} tabIndex={-1} className="ml-page">
          <FaultBoundary at={pathname}>
            <Suspense fallback={<PageSkeleton heights={[56, 150, 420]} label="Opening page" />}>{children}</Suspense>
          </FaultBoundary>
        </main>
      </div>
    </div>
  );
}

/** After a click on a link the keyboard and the screen reader go on from the new page, not from the old link. */
function useFocusOnNavigation(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);
  return main;
}
