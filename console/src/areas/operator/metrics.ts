/** What the workers of a home count, read from `/metrics` (OpenMetrics text). */
import { fetched } from "../../client/api";

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export class Metrics {
  readonly #samples = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
      if (found === null) continue;
      const [, name = "", labels = "", value = ""] = found;
      const samples = this.#samples.get(name) ?? [];
      samples.push({ labels: labelsOf(labels), value: numberOf(value) });
      this.#samples.set(name, samples);
    }
  }

  of(name: string): readonly Sample[] {
    return this.#samples.get(name) ?? [];
  }

  /** The sum of all samples with these labels; null where nobody counts such a thing. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    const found = this.of(name).filter((each) => Object.entries(labels).every(([key, value]) => each.labels[key] === value));
    return found.length === 0 ? null : found.reduce((total, each) => total + each.value, 0);
  }

  /** The mean of what a histogram was told since the workers started; null before anything was. */
  mean(name: string, labels: Readonly<Record<string, string>> = {}): number | null {
    const count = this.sum(`${name}_count`, labels);
    const sum = this.sum(`${name}_sum`, labels);
    return count === null || sum === null || count === 0 ? null : sum / count;
  }
}

export async function metricsNow(signal: AbortSignal): Promise<Metrics> {
  const answer = await fetched("/metrics", { signal });
  return new Metrics(await answer.text());
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter))]));
}

function numberOf(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}
