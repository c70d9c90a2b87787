import { batch, signal } from '@preact/signals';
import { parseRoute, type Route } from './route.js';

/** The address bar as a signal. Links of this service are followed without loading the page anew. */
export class Router {
  readonly route = signal<Route>(parseRoute(location.pathname));
  readonly query = signal(new URLSearchParams(location.search));
  /** Counts the changes of page: a new one begins at its heading. */
  readonly visits = signal(0);

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  go(path: string): void {
    history.pushState(null, '', path);
    this.#read();
    scrollTo(0, 0);
  }

  /** As `go`, but Back does not come here again. */
  replace(path: string): void {
    history.replaceState(null, '', path);
    this.#read();
    scrollTo(0, 0);
  }

  /** Takes away what the address says after `?`, once it is read. */
  forgetQuery(): void {
    history.replaceState(null, '', location.pathname);
    this.query.value = new URLSearchParams();
  }

  #read(): void {
    batch(() => {
      this.route.value = parseRoute(location.pathname);
      this.query.value = new URLSearchParams(location.search);
      this.visits.value++;
    });
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (
      link === null ||
      link.origin !== location.origin ||
      link.target !== '' ||
      link.hasAttribute('download')
    )
      return;
    // Within the page, as the skip link and the summaries of errors do.
    if (link.pathname === location.pathname && link.hash !== '') return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}
