/**
 * Where in the console one is: the path below /console, and the query. Every place has an address of its own that can
 * be kept, sent and opened again.
 */
export const BASE = "/console";

export type Parameters = Readonly<Record<string, string>>;

class Place {
  path = $state(below(location.pathname));
  query = $state.raw(new URLSearchParams(location.search));
  /** How many times one went to another page; not counted when only the query changes. */
  visits = $state(0);

  /** Go to a place, e.g. `/auditor/decisions?symbol=AAPL`. */
  go(to: string, { replace = false }: { replace?: boolean } = {}): void {
    const address = BASE + to;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    this.read();
  }

  /** Change parts of the query; an empty value leaves the part out. */
  ask(changes: Record<string, string | undefined>, { replace = true }: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    this.go(this.path + (text ? `?${text}` : ""), { replace });
  }

  /** Take over what the browser's address says. */
  read(): void {
    const path = below(location.pathname);
    if (path !== this.path) this.visits += 1;
    this.path = path;
    this.query = new URLSearchParams(location.search);
  }
}

function below(pathname: string): string {
  return pathname.slice(BASE.length) || "/";
}

export const place = new Place();

/** The address of a place, for links: `href={to("/auditor/decisions/" + id)}`. */
export function to(path: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(given).toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** Links within the console change the place without loading the page anew. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  place.go(below(link.pathname) + link.search);
}

/** The parameters of a path under a pattern such as `/decisions/:decision`; null when it is another path. */
export function matched(pattern: string, path: string): Parameters | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const text = given[at] ?? "";
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(text);
      } catch {
        return null;
      }
    } else if (part !== text) return null;
  }
  return found;
}
