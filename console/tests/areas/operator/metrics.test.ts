import { expect, test } from "vitest";

import { Metrics } from "../../../src/areas/operator/metrics";

const TEXT = `# HELP assay_requests requests
# TYPE assay_requests counter
assay_requests_total{route="/a",outcome="ok"} 3.0
assay_requests_total{route="/a",outcome="refused"} 1 # {trace_id="x"} 1 1700000000
assay_requests_total{route="say \\"b\\"\\n{c,d}",outcome="ok"} 2e1
assay_wait_s_bucket{le="+Inf"} 4
assay_wait_s_count 4
assay_wait_s_sum 0.5
assay_idle_s_count 0
assay_idle_s_sum 0
assay_oldest_s +Inf
`;

test("samples are summed by the labels that are asked for", () => {
  const metrics = new Metrics(TEXT);
  expect(metrics.sum("assay_requests_total")).toBe(24);
  expect(metrics.sum("assay_requests_total", { outcome: "ok" })).toBe(23);
  expect(metrics.sum("assay_requests_total", { route: 'say "b"\n{c,d}' })).toBe(20);
  expect(metrics.sum("assay_oldest_s")).toBe(Infinity);
});

test("what nobody counts is not known, and is no zero", () => {
  const metrics = new Metrics(TEXT);
  expect(metrics.sum("assay_unheard_of")).toBeNull();
  expect(metrics.sum("assay_requests_total", { outcome: "lost" })).toBeNull();
  expect(metrics.mean("assay_idle_s")).toBeNull();
  expect(metrics.mean("assay_wait_s")).toBe(0.125);
});

test("an empty text counts nothing", () => {
  expect(new Metrics("").of("assay_requests_total")).toEqual([]);
});
