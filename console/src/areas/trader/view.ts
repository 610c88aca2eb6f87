/** In whose words a page speaks: the `view` of the address; an expert's without it. */
import { place } from "../../app/place.svelte";

export type View = "beginner" | "expert";

export function viewAsked(): View {
  return place.query.get("view") === "beginner" ? "beginner" : "expert";
}
