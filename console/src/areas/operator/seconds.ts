/** Times and shares as an operator reads them: seconds are always said, and what is not known is not a zero. */
import { grouped } from "../../parts/format";

const UNKNOWN = "not known";

/** A time in seconds, with what that is in larger units: `0.043 s`, `129,600 s (36 h)`. */
export function secondsText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const text = `${grouped(rounded(seconds, Math.abs(seconds) < 10 ? 3 : Math.abs(seconds) < 120 ? 1 : 0))} s`;
  const larger = Math.abs(seconds) < 120 ? "" : largerText(seconds);
  return larger === "" ? text : `${text} (${larger})`;
}

/** How long ago an instant was, in seconds, by this machine's clock. */
export function ageS(instant: string, nowMs: number): number {
  return Math.max(0, (nowMs - Date.parse(instant)) / 1000);
}

/** A share of one as percent. */
export function percentText(share: number | null | undefined, digits = 2): string {
  return share === null || share === undefined ? UNKNOWN : `${grouped(rounded(share * 100, digits))} %`;
}

/** A stretch of time in its largest unit, as policies name it: `5 min`, `6 h`, `3 d`. */
export function stretchText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : largerText(seconds);
}

function largerText(seconds: number): string {
  if (seconds < 3600) return `${rounded(seconds / 60, 1)} min`;
  if (seconds < 172_800) return `${rounded(seconds / 3600, 1)} h`;
  return `${grouped(rounded(seconds / 86_400, 1))} d`;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
