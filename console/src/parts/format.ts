/** Numbers, instants and digests as people read them. No number goes through a float on its way to the screen. */

const MINUS = "−";
const THIN = "\u2009";

/** A decimal string or a number with its thousands apart and a real minus: `-1234567.50` as `−1,234,567.50`. */
export function grouped(value: string | number | bigint): string {
  const text = String(value);
  const found = /^([+-]?)(\d+)(\.\d+)?((?:\s.*)?)$/s.exec(text);
  if (found === null) return text.replace(/^-(?=[$\d])/, MINUS);
  const [, sign = "", whole = "", fraction = "", rest = ""] = found;
  return (sign === "-" ? MINUS : sign) + whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + fraction + rest;
}

/** A decimal string to so many places, half away from zero, through no float; other text stays as it is. */
export function placed(value: string, places: number): string {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  if (found === null) return value;
  const [, sign = "", whole = "", fraction = ""] = found;
  const digits = BigInt(whole + fraction.slice(0, places).padEnd(places, "0")) + (Number(fraction[places] ?? 0) >= 5 ? 1n : 0n);
  const text = String(digits).padStart(places + 1, "0");
  const point = text.length - places;
  return (digits === 0n ? "" : sign) + text.slice(0, point) + (places > 0 ? `.${text.slice(point)}` : "");
}

/** The same with a sign always there, for changes. */
export function signed(value: string | number): string {
  const text = grouped(value);
  return /^\d/.test(text) && Number(value) !== 0 ? `+${text}` : text;
}

/** An RFC 3339 instant as `2013-01-02 21:00:00 UTC`, with what is finer than a second left out. */
export function instantText(instant: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)$/.exec(instant);
  return found === null ? instant : `${found[1]} ${found[2]} UTC`;
}

/** How long ago an instant was, roughly: `12 s`, `3 min`, `5 h`, `2 d`. */
export function ageText(fromMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - fromMs) / 1000));
  if (seconds < 90) return `${seconds}${THIN}s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)}${THIN}min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)}${THIN}h`;
  return `${Math.round(seconds / 86_400)}${THIN}d`;
}

/** The first digits of a digest or an id. */
export function shortDigest(digest: string, digits = 12): string {
  const bare = digest.replace(/^sha256:/, "");
  return bare.length > digits ? `${bare.slice(0, digits)}…` : bare;
}

/** `1 decision`, `2 decisions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A side and a signed size in words: `buy 5,000`. */
export function sideText(shares: number): string {
  if (shares === 0) return "nothing";
  return `${shares > 0 ? "buy" : "sell"} ${grouped(Math.abs(shares))}`;
}
