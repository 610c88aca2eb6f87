"""Journey 1, the auditor's: find a decision, see why, follow it up and down, prove it here, replay it, take it away."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, Route, expect

from adapters.log_folder import log_folder
from tests.api.server_process import Running
from tests.api.use_cases.model_desks import desk_of, promoted
from tests.console.conftest import Visiting, placed
from tests.console.visits import NARROW, Visit
from tests.governance.model_examples import FAMILY

pytestmark = pytest.mark.slow
VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verifier" / "verify_bundle.py"
N_DRAWN = 500
DRAWN_MS = 2000
DRAWN_FROM = 20
"""So many cards in the picture, and it stands: those beyond its edge are drawn when one goes there."""


def lines(server: Running, **asked: str) -> list[dict[str, Any]]:
    """Decisions as the API lists them."""
    with server.client() as client:
        found: list[dict[str, Any]] = client.get("/internal/decisions", params=asked).json()["decisions"]
    return found


def decided(server: Running, **asked: str) -> str:
    """The id of the newest decision that a filter admits."""
    return str(lines(server, **asked)[0]["decision_id"])


def checks(page: Page) -> list[str]:
    """The outcome of every step of the proof."""
    expect(page.locator("ol > li")).to_have_count(7)
    return page.locator("ol > li [data-verdict]").all_inner_texts()


def test_decisions_are_searched_by_filters_that_the_address_keeps(visit: Visiting) -> None:
    """UI-01."""
    found = visit()
    page = found.to("/auditor")
    page.get_by_label("Symbol").fill("aapl")
    page.get_by_label("Verdict").select_option("deny")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("symbol=AAPL&verdict=deny"))
    expect(page.locator("tbody tr")).to_have_count(1)
    found.require_accessible()
    found.shot("auditor-decisions")
    page.locator("tbody tr").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Denied: buy 101 AAPL")


@pytest.mark.parametrize("name", ["decision_id", "trace_digest", "leaf"])
def test_a_decision_is_found_by_id_and_by_hash_and_opened_at_once(visit: Visiting, server: Running, name: str) -> None:
    decision = decided(server, symbol="MSFT")
    with server.client() as client:
        entry = client.get(f"/internal/decisions/{decision}").json()["entry"]
    text = {"decision_id": decision[:12], "trace_digest": entry["facts"]["trace_digest"], "leaf": entry["leaf_hash"]}
    page = visit().to("/auditor/find")
    page.get_by_role("search").get_by_role("textbox").fill(text[name])
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cut to size: buy 5,000 MSFT")


def test_what_is_nowhere_in_the_log_says_so(visit: Visiting) -> None:
    page = visit().to(f"/auditor/find?text={'0' * 64}")
    expect(page.locator("main")).to_contain_text("Nothing is called that")


@pytest.mark.parametrize(
    ("theme", "width", "name"),
    [("light", 1280, "rules"), ("dark", 1280, "rules-dark"), ("light", NARROW, "rules-phone")],
)
def test_the_truth_table_has_operands_limits_and_margins(
    visit: Visiting, server: Running, theme: str, width: int, name: str
) -> None:
    found = visit(theme=theme, width=width)
    page = found.to(f"/auditor/decisions/{decided(server, symbol='MSFT')}")
    row = page.get_by_role("row", name=re.compile("^shares "))
    for text in ("order_size_shares <= max_order_shares", "9,000", "5,000", "−4,000", "fails", "clip to"):  # noqa: RUF001
        expect(row).to_contain_text(text)
    found.require_accessible()
    found.shot(f"auditor-{name}", is_whole=True)


def test_a_node_of_the_lineage_tells_value_unit_formula_and_digests(visit: Visiting, server: Running) -> None:
    found = visit(width=1440)
    page = found.to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=lineage")
    card = page.locator('[data-node="order.order_notional_usd"]')
    card.click()
    panel = page.get_by_role("complementary", name="The chosen node")
    for text in ("$138,100.00", "order_size_shares * close_price_usd", "2013-01-02 21:00:00 UTC", "Code digest"):
        expect(panel).to_contain_text(text)
    expect(page).to_have_url(re.compile(r"node=order\.order_notional_usd"))
    found.require_accessible()
    found.shot("auditor-lineage")


def test_arrows_walk_the_lineage_which_is_one_stop_of_the_keyboard(visit: Visiting, server: Running) -> None:
    page = visit(width=1440).to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=lineage")
    expect(page.locator("[data-node][tabindex='0']")).to_have_count(1)
    page.locator('[data-node="order.decision"]').focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-node]:focus")).to_have_attribute("data-node", re.compile("_holds$"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary")).to_contain_text("Feeds")


def test_the_lineage_is_a_table_for_who_wants_one(visit: Visiting, server: Running) -> None:
    found = visit(width=NARROW)
    page = found.to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=lineage&as=table&shows=whole")
    page.get_by_label("Find a node").fill("adv shares")
    page.get_by_role("button", name="adv_shares", exact=True).first.click()
    expect(page.get_by_role("complementary")).to_contain_text("adv_shares")
    found.require_accessible()


def test_500_nodes_are_drawn_in_under_two_seconds(visit: Visiting, server: Running) -> None:
    """UI-01: from the answer to a picture that stands still, a real lineage grown to 500 nodes."""
    decision = decided(server, symbol="MSFT")
    page = visit(width=1440).page

    def grown(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=_grown(answer.json()))

    page.route(re.compile(f"/internal/decisions/{decision}$"), grown)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => new MutationObserver(() => {"
        "  if (document.querySelector('h1')) window.answered ??= performance.now();"
        f"  if (document.querySelectorAll('[data-node]').length > {DRAWN_FROM}) window.drawn ??= performance.now();"
        "}).observe(document.body, { childList: true, subtree: true }))"
    )
    page.goto(f"{server.url}/console/auditor/decisions/{decision}?view=lineage&shows=whole")
    expect(page.get_by_role("group", name=re.compile("Lineage"))).to_have_attribute(
        "aria-label", re.compile(rf"{N_DRAWN}\d? nodes|50\d nodes")
    )
    page.locator("[data-node]").nth(DRAWN_FROM).wait_for()
    assert page.evaluate("window.drawn - window.answered") < DRAWN_MS


def _grown(record: dict[str, Any]) -> dict[str, Any]:
    """The record with copies of its computed nodes, each reading what the original reads, up to 500 nodes."""
    graph = record["lineage"]
    nodes, edges = list(graph["nodes"]), list(graph["edges"])
    reads: dict[str, list[str]] = {}
    for edge in edges:
        reads.setdefault(edge["target"], []).append(edge["source"])
    copied = [node for node in graph["nodes"] if node["key"] in reads and node["key"] != graph["root"]]
    for number in range(N_DRAWN - len(nodes)):
        node = copied[number % len(copied)]
        key = f"{node['key']}_{number}"
        nodes.insert(-1, {**node, "key": key, "name": f"{node['name']}_{number}"})
        edges += [{"source": source, "target": key} for source in reads[node["key"]]]
    return {**record, "lineage": {**graph, "nodes": nodes, "edges": edges}}


def test_a_decision_leads_up_to_its_plan_and_down_to_its_fill(visit: Visiting, server: Running) -> None:
    found = visit()
    page = found.to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=life")
    expect(page.get_by_role("region", name="What happened afterwards")).to_contain_text("bought 5,000")
    expect(page.locator("main")).to_contain_text("5,000 shares at 27.6900 USD")
    found.require_accessible()
    found.shot("auditor-life", is_whole=True)
    page.get_by_role("link", name=re.compile("Day plan, entry")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("plan, entry")
    found.require_accessible()


def test_the_browser_proves_a_decision_by_itself(visit: Visiting, server: Running) -> None:
    """ENG-09, UI-01: entry, leaf, inclusion, signature, trace, values and id, each computed here from bytes."""
    found = visit()
    page = found.to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=proof")
    assert checks(page) == ["holds"] * 7
    expect(page.get_by_role("status").first).to_contain_text("All 7 steps hold")
    found.require_accessible()
    found.shot("auditor-proof", is_whole=True)


def _changed_entry(record: dict[str, Any]) -> dict[str, Any]:
    entry = base64.b64decode(record["proof"]["entry"]).replace(b"account-1", b"account-9")
    return {**record, "proof": {**record["proof"], "entry": base64.b64encode(entry).decode()}}


def _changed_value(record: dict[str, Any]) -> dict[str, Any]:
    nodes = [
        {**node, "exact": "4999"} if node["name"] == "order_shares" else node for node in record["lineage"]["nodes"]
    ]
    return {**record, "lineage": {**record["lineage"], "nodes": nodes}}


def _changed_rule(record: dict[str, Any]) -> dict[str, Any]:
    """A rule that held is told to fail."""
    rule = next(each for each in record["lineage"]["nodes"] if each["kind"] == "rule" and each["exact"] == "holds")
    return {**record, "lineage": _with_node(record, {**rule, "exact": "fails"})}


def _renamed_values(record: dict[str, Any]) -> dict[str, Any]:
    """Every node is told under a name that was never hashed, so that there is nothing to compare."""
    nodes = [{**each, "key": f"{each['key']}_too"} for each in record["lineage"]["nodes"]]
    return {**record, "lineage": {**record["lineage"], "nodes": nodes}}


def _changed_row(record: dict[str, Any]) -> dict[str, Any]:
    """The table of rules tells of one that failed at the proposed size that it held."""
    rules = record["trace"]["rules"]
    failed = next(each for each in rules if each["rule"]["proposed"] == "fails")
    told = {**failed, "rule": {**failed["rule"], "proposed": "holds"}}
    return {**record, "trace": {**record["trace"], "rules": [told if each is failed else each for each in rules]}}


def _no_values(record: dict[str, Any]) -> dict[str, Any]:
    trace = {**record["trace"], "nodes": [], "rules": []}
    return {**record, "trace": trace, "lineage": {**record["lineage"], "nodes": record["lineage"]["nodes"][-1:]}}


def _with_node(record: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    nodes = [node if each["key"] == node["key"] else each for each in record["lineage"]["nodes"]]
    return {**record["lineage"], "nodes": nodes}


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (
            _changed_entry,
            ["The entry says what this page says", "Its leaf hash", "It is in the tree", "The decision's id"],
        ),
        (_changed_value, ["The values shown are those that were hashed"]),
        (_changed_rule, ["The values shown are those that were hashed"]),
        (_renamed_values, ["The values shown are those that were hashed"]),
        (_changed_row, ["The values shown are those that were hashed"]),
        (_no_values, ["The values shown are those that were hashed"]),
    ],
)
def test_a_log_that_tells_something_else_fails_the_proof(
    visit: Visiting,
    server: Running,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    failing: list[str],
) -> None:
    """Bad input: a log that fails verification is shown for what it is, with what to do."""
    found = visit()
    decision = decided(server, symbol="MSFT")
    changed = re.compile(f"/internal/decisions/{decision}$")

    def answer(route: Route) -> None:
        given = route.fetch()
        route.fulfill(response=given, json=change(given.json()))

    found.page.route(changed, answer)
    page = found.to(f"/auditor/decisions/{decision}?view=proof")
    outcomes = checks(page)
    titles = page.locator("ol > li b").all_inner_texts()
    assert [title for title, outcome in zip(titles, outcomes, strict=True) if outcome == "fails"] == failing
    expect(page.get_by_role("alert")).to_contain_text("assay verify")
    found.shot(f"auditor-proof-fails-{len(failing)}")


def test_values_under_other_names_than_those_of_the_plan_prove_nothing(visit: Visiting, server: Running) -> None:
    """The names are those of the plan whose digest the trace binds, whatever the server calls its values."""
    found = visit()
    decision = decided(server, symbol="MSFT")

    def renamed(route: Route) -> None:
        given = route.fetch()
        evidence = given.json()
        plan = base64.b64decode(evidence["manifest"]).replace(b"cash_usd", b"hash_usd")
        route.fulfill(response=given, json={**evidence, "manifest": base64.b64encode(plan).decode()})

    found.page.route(f"**/internal/decisions/{decision}/evidence", renamed)
    page = found.to(f"/auditor/decisions/{decision}?view=proof")
    assert checks(page) == ["holds"] * 4 + ["fails", "fails", "holds"]
    expect(page.locator("main")).to_contain_text("the manifest is not that of the plan")


def test_a_key_of_somebody_else_did_not_sign_the_log(visit: Visiting, server: Running) -> None:
    """The key is the person's own: the browser keeps it and believes no other."""
    page = visit().to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=proof")
    with server.client() as client:
        own = client.get("/internal/log").json()["verifier_key"]
    other = "other+" + own.split("+", 1)[1]
    page.get_by_label("verifier key").fill(other)
    page.get_by_label("verifier key").blur()
    expect(page.locator("ol > li", has_text="The tree's head is signed")).to_contain_text("fails")
    page.get_by_label("verifier key").fill(own)
    page.get_by_label("verifier key").blur()
    expect(page.get_by_role("status").first).to_contain_text("All 7 steps hold")
    expect(page.locator("main")).to_contain_text("checked with your key")


def test_a_decision_is_replayed(visit: Visiting, server: Running) -> None:
    page = visit().to(f"/auditor/decisions/{decided(server, symbol='MSFT')}?view=proof")
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("[data-verdict='identical']")).to_be_visible()


def test_two_decisions_are_compared(visit: Visiting, server: Running) -> None:
    one, other = decided(server, symbol="MSFT"), decided(server, verdict="deny")
    found = visit()
    page = found.to(f"/auditor/compare?a={one}&b={other}")
    expect(page.locator("main")).to_contain_text("Cut to size: buy 5,000 MSFT")
    expect(page.get_by_role("row", name=re.compile("^proposed_order_shares"))).to_contain_text("9,000")
    expect(page.get_by_role("row", name=re.compile("^policy"))).to_contain_text("the same")
    found.require_accessible()
    found.shot("auditor-compare")


def test_the_bundle_that_is_downloaded_verifies_without_us_and_a_changed_byte_does_not(
    visit: Visiting, server: Running, tmp_path: Path
) -> None:
    """ENG-09."""
    page = visit().to(f"/auditor/decisions/{decided(server, symbol='MSFT')}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download audit bundle").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    with server.client() as client:
        key = str(client.get("/internal/log").json()["verifier_key"])
    assert _verified(file, key).startswith("OK")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert _verified(file, key).startswith("REFUSED")


def _verified(bundle: Path, key: str) -> str:
    command = [sys.executable, str(VERIFIER), str(bundle), key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout + done.stderr


def test_the_log_is_held_to_what_the_browser_saw_of_it(visit: Visiting, server: Running) -> None:
    """Bad input: a log that was rewritten."""
    found = visit()
    _signed(server)
    page = found.to("/auditor/log")
    expect(page.locator("main")).to_contain_text("Nothing so far")
    found.require_accessible()
    found.shot("auditor-log")
    page = found.to("/auditor/log")
    expect(page.get_by_role("region", name="Heads seen before")).to_contain_text("holds")
    seen = json.loads(page.evaluate("localStorage.getItem('assay.heads')"))
    seen[0] |= {"root": "00" * 32}
    page.evaluate("text => localStorage.setItem('assay.heads', text)", json.dumps(seen))
    page = found.to("/auditor/log")
    expect(page.get_by_role("alert")).to_contain_text("The log was rewritten or cut")


def test_heads_that_the_kept_key_did_not_sign_are_told_and_not_kept(visit: Visiting, server: Running) -> None:
    """The server cannot choose the key that its log is checked with, once a person gave one to this browser."""
    found = visit()
    _signed(server)
    page = found.to("/auditor")
    with server.client() as client:
        own = client.get("/internal/log").json()["verifier_key"]
    page.evaluate("key => localStorage.setItem('assay.verifier-key', key)", _another_key(own.split("+")[0]))
    page = found.to("/auditor/log")
    expect(page.get_by_role("alert")).to_contain_text("not signed as a head")
    expect(page.get_by_role("region", name="Checkpoints").locator("tbody tr").first).to_contain_text("fails")
    assert page.evaluate("localStorage.getItem('assay.heads')") is None
    found.require_accessible()
    found.shot("auditor-log-unsigned")
    page.evaluate("key => localStorage.setItem('assay.verifier-key', key)", own)
    page = found.to("/auditor/log")
    expect(page.locator("main")).to_contain_text("checked with your key")
    expect(page.get_by_role("region", name="Checkpoints").locator("tbody tr").first).to_contain_text("holds")
    assert len(json.loads(page.evaluate("localStorage.getItem('assay.heads')"))) == 1


def _another_key(name: str) -> str:
    """A well-formed verifier key of somebody else who uses the log's name."""
    key = b"\x01" + Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    named = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()
    return f"{name}+{named[:8]}+{base64.b64encode(key).decode()}"


def _signed(server: Running) -> None:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.token}"}, timeout=30) as client:
        client.post("/internal/log/checkpoint").raise_for_status()


def test_entries_are_listed_and_lead_to_each_other(visit: Visiting) -> None:
    found = visit()
    page = found.to("/auditor/entries?kind=plan")
    page.locator("tbody tr").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("plan, entry")
    page.get_by_role("link", name="Entry after").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("entry")
    found.require_accessible()


def test_a_decision_that_is_not_there_and_a_server_that_is_gone_say_what_to_do(visit: Visiting) -> None:
    found: Visit = visit()
    found.excused += ["404", "ERR_"]
    page = found.to(f"/auditor/decisions/{'ab' * 32}")
    expect(page.get_by_role("alert")).to_contain_text("There is no such thing")
    page.route("**/internal/decisions?*", lambda route: route.abort())
    page = found.to("/auditor")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.unroute("**/internal/decisions?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_a_decision_leads_to_the_models_that_were_in_force(visit: Visiting, server: Running) -> None:
    """UI-01, journey 1: up to the model."""
    folder = log_folder(server.home, "paper")
    try:
        promoted(desk_of(folder, lambda: datetime.now(UTC)), 7)
    finally:
        folder.store.close()
    decision = placed(server, "account-10", "AAPL", 7)
    found = visit()
    page = found.to(f"/auditor/decisions/{decision}?view=life")
    found.require_accessible()
    found.shot("auditor-model")
    page.get_by_role("link", name=re.compile(f"^{FAMILY} v")).click()
    found.settle()
    expect(page.get_by_role("heading", level=1)).to_contain_text(FAMILY)
    expect(page.locator("[data-verdict=champion]")).to_be_visible()
