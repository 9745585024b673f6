"""A collection is taken away over HTTP."""

from tests.functions.test_ingest import Plant


async def test_a_collection_is_removed_by_a_run() -> None:
    """Which is told of at once, and shown with how much is left; what is not there is not found."""
    plant = Plant()
    removed = await plant.call("DELETE", "/collections/main", "admin")
    assert (removed.status_code, removed.json()["run"]["kind"]) == (202, "removal")
    (shown,) = (await plant.call("GET", "/ingest/status", "admin")).json()["collections"]
    assert (shown["id"], shown["state"]) == ("main", "removing")
    for path in ("/ingest/files", "/ingest/runs"):  # where the page's numbers lead
        assert (await plant.call("GET", f"{path}?collection=main", "admin")).status_code == 200
    again = await plant.call("PUT", "/collections/main", "admin", {"name": "Main", "folder_id": "root"})
    assert (again.status_code, again.headers["retry-after"]) == (409, "30")
    await plant.world.drain()
    assert (await plant.call("GET", "/ingest/status", "admin")).json() == {"collections": []}
    assert (await plant.call("DELETE", "/collections/main", "admin")).status_code == 404
