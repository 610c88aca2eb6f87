import { mount } from "svelte";

import App from "./app/App.svelte";
import { appearance } from "./app/appearance.svelte";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("console");
if (target === null) throw new Error("index.html has no element with the id console");
appearance.apply();
mount(App, { target });
