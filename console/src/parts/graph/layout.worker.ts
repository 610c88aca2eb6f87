/** Computes layouts beside the page, so that a large graph does not hold it up. */
import type { LayoutRequest } from "./graph";
import { layout } from "./layout";

self.onmessage = ({ data }: MessageEvent<{ number: number; request: LayoutRequest }>) => {
  self.postMessage({ number: data.number, layout: layout(data.request) });
};
