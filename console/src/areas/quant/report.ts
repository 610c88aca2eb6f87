/** Reports as files: a page that needs nothing else, saved to be opened by itself. */
import { fetched, saved } from "../../client/api";

export async function saveReport(path: string, name: string): Promise<void> {
  const response = await fetched(path, { headers: { accept: "text/html" } });
  saved(await response.blob(), name);
}

/** The rows of a CSV of plain numbers, dates and words, by column. */
export function columnsOf(csv: string): Map<string, string[]> {
  const [head = "", ...lines] = csv.trim().split(/\r?\n/);
  const names = head.split(",");
  const found = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const line of lines) {
    const cells = line.split(",");
    names.forEach((name, at) => found.get(name)?.push(cells[at] ?? ""));
  }
  return found;
}

/** A column as numbers; what is empty is not known. */
export function numbers(column: readonly string[] | undefined): (number | null)[] {
  return (column ?? []).map((cell) => (cell === "" ? null : Number(cell)));
}

/** A column of dates as seconds since 1970. */
export function seconds(column: readonly string[] | undefined): number[] {
  return (column ?? []).map((cell) => Date.parse(`${cell.slice(0, 10)}T00:00:00Z`) / 1000);
}
