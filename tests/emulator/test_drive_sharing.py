"""Who may see and change a file: owners, guests, folders, organisations, shared drives."""

import pytest

from tests.emulator.asking import AMINA, KARIM, SOFIA, Asking, refusal
from tests.google.drive.files import FOLDER
from tests.google.wire import ApiError


@pytest.fixture
def world() -> Asking:
    return Asking()


def test_a_stranger_doesnt_know_that_a_file_is_there(world: Asking) -> None:
    id_ = world.make("Suivi")
    assert refusal(world.call("GET", f"files/{id_}", as_=KARIM)) == (404, "notFound", f"File not found: {id_}.")
    assert world.names(as_=KARIM) == []
    with pytest.raises(ApiError, match="The caller does not have permission") as caught:
        world.google.drive.check(id_, KARIM, writing=False)
    assert (caught.value.code, caught.value.status) == (403, "PERMISSION_DENIED")
    with pytest.raises(ApiError, match=r"Requested entity was not found\."):
        world.google.drive.check("nothing", KARIM, writing=False)


def test_a_reader_reads_and_a_writer_writes(world: Asking) -> None:
    id_ = world.make("Suivi")
    told = world.share(id_, KARIM, "reader").json
    assert told == {"kind": "drive#permission", "id": told["id"], "type": "user", "role": "reader"}
    world.google.drive.check(id_, KARIM, writing=False)
    with pytest.raises(ApiError, match="The caller does not have permission"):
        world.google.drive.check(id_, KARIM, writing=True)
    sentence = "The user does not have sufficient permissions for this file."
    for http, path in (("PATCH", ""), ("DELETE", ""), ("GET", "/permissions")):
        answer = world.call(http, f"files/{id_}{path}", {"name": "À moi"} if http == "PATCH" else None, as_=KARIM)
        assert refusal(answer) == (403, "insufficientFilePermissions", sentence)
    assert world.names("sharedWithMe = true", as_=KARIM) == ["Suivi"]

    permission = f"files/{id_}/permissions/{told['id']}"
    assert world.call("PATCH", permission, {"role": "writer"}).json["role"] == "writer"
    world.google.drive.check(id_, KARIM, writing=True)
    assert world.call("DELETE", permission).status == 204
    assert refusal(world.call("DELETE", permission)) == (404, "notFound", f"Permission not found: {told['id']}.")
    assert world.call("GET", f"files/{id_}", as_=KARIM).status == 404


def test_a_folder_shared_shares_what_it_holds(world: Asking) -> None:
    folder = world.make("2026", FOLDER)
    world.share(folder, KARIM)
    id_ = world.make("Suivi", parent=folder)
    world.google.drive.check(id_, KARIM, writing=True)
    his = world.make("Notes", parent=folder, as_=KARIM)
    world.google.drive.check(his, AMINA, writing=True)
    assert (
        refusal(world.call("DELETE", f"files/{his}"))[0] == 403
    )  # the owner of a folder doesn't own what others put there


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        ({"type": "anyone"}, {KARIM, SOFIA}),
        ({"type": "domain", "domain": "essai.example"}, {KARIM}),
        ({"type": "group", "emailAddress": "equipe@essai.example"}, {SOFIA}),
    ],
)
def test_files_are_shared_with_more_than_one(world: Asking, permission: dict[str, str], allowed: set[str]) -> None:
    world.google.drive.groups["equipe@essai.example"] = {SOFIA}
    id_ = world.make("Suivi")
    world.call("POST", f"files/{id_}/permissions", {**permission, "role": "reader"})
    assert {who for who in (KARIM, SOFIA) if world.call("GET", f"files/{id_}", as_=who).status == 200} == allowed


def test_a_file_open_to_anyone_isnt_listed_to_everyone(world: Asking) -> None:
    id_ = world.make("Suivi")
    told = world.call("POST", f"files/{id_}/permissions", {"type": "anyone", "role": "reader"}).json
    assert (told["id"], told["allowFileDiscovery"]) == ("anyoneWithLink", False)
    assert world.names(as_=KARIM) == []


@pytest.mark.parametrize(
    ("body", "code", "reason"),
    [
        ({"role": "reader"}, 400, "required"),
        ({"type": "user", "emailAddress": KARIM}, 400, "required"),
        ({"type": "user", "role": "reader"}, 400, "invalid"),
        ({"type": "user", "role": "reader", "emailAddress": "karim"}, 400, "invalid"),
        ({"type": "domain", "role": "reader"}, 400, "invalid"),
        ({"type": "robot", "role": "reader"}, 400, "invalid"),
        ({"type": "user", "role": "king", "emailAddress": KARIM}, 400, "invalid"),
        ({"type": "user", "role": "organizer", "emailAddress": KARIM}, 400, "invalid"),
        ({"type": "user", "role": "owner", "emailAddress": KARIM}, 403, "forbidden"),
    ],
)
def test_a_permission_that_makes_no_sense_is_refused(
    world: Asking, body: dict[str, str], code: int, reason: str
) -> None:
    answer = world.call("POST", f"files/{world.make('Suivi')}/permissions", body)
    assert refusal(answer)[:2] == (code, reason)


def test_people_are_told_of_what_is_shared_with_them_unless_not(world: Asking) -> None:
    id_ = world.make("Suivi")
    world.share(id_, KARIM, emailMessage="Bonjour")
    world.share(id_, SOFIA, sendNotificationEmail="False")
    assert [(mail.to, mail.role, mail.message) for mail in world.google.drive.mails] == [(KARIM, "writer", "Bonjour")]


def test_a_file_is_handed_over_within_one_organisation(world: Asking) -> None:
    id_ = world.make("Suivi")
    assert world.share(id_, KARIM, "owner", transferOwnership="true").json["role"] == "owner"
    roles = {p["role"] for p in world.call("GET", f"files/{id_}/permissions", as_=KARIM).json["permissions"]}
    assert roles == {"owner", "writer"}
    assert world.call("DELETE", f"files/{id_}").status == 403
    assert world.call("DELETE", f"files/{id_}", as_=KARIM).status == 204


def test_an_owner_elsewhere_has_to_consent(world: Asking) -> None:
    id_ = world.make("Suivi")
    answer = world.share(id_, SOFIA, "owner", transferOwnership="true")
    assert refusal(answer)[:2] == (403, "consentRequiredForOwnershipTransfer")
    permission = f"files/{id_}/permissions/{world.share(id_, SOFIA).json['id']}"
    accept = {"role": "owner"}
    assert world.call("PATCH", permission, accept, as_=SOFIA, transferOwnership="true").status == 403
    world.call("PATCH", permission, {"type": "user", "role": "writer", "pendingOwner": True})
    assert world.call("PATCH", permission, accept, as_=SOFIA, transferOwnership="true").json["role"] == "owner"
    assert world.names("'me' in owners", as_=SOFIA) == ["Suivi"]


def test_the_owner_isnt_taken_away(world: Asking) -> None:
    id_ = world.make("Suivi")
    owner = world.call("GET", f"files/{id_}/permissions").json["permissions"][0]["id"]
    assert refusal(world.call("DELETE", f"files/{id_}/permissions/{owner}"))[:2] == (403, "cannotRemoveOwner")


def test_a_shared_drive_needs_a_program_that_knows_of_them(world: Asking) -> None:
    shared = world.google.drive.new_drive("Coopération", AMINA)
    id_ = world.make("Suivi", parent=shared.id)
    assert world.call("GET", f"files/{id_}").status == 404
    assert world.call("GET", f"files/{id_}", supportsAllDrives="true").status == 200
    everywhere = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
    assert (world.names(), world.names(**everywhere)) == ([], ["Suivi"])
    assert world.names(corpora="drive", driveId=shared.id, **everywhere) == ["Suivi"]
    assert [d["name"] for d in world.call("GET", "drives").json["drives"]] == ["Coopération"]
    assert refusal(world.call("GET", f"drives/{shared.id}", as_=KARIM))[:2] == (404, "notFound")


def test_a_permission_may_end(world: Asking) -> None:
    id_ = world.make("Suivi")
    body = {"type": "user", "role": "reader", "emailAddress": KARIM, "expirationTime": "2026-03-02T10:00:00Z"}
    assert world.call("POST", f"files/{id_}/permissions", body).status == 200
    assert world.names(as_=KARIM) == ["Suivi"]
    world.google.clock.advance(3600)
    assert world.names(as_=KARIM) == []
    for end, code in (("2026-03-02T10:00:00Z", 403), ("demain", 400)):
        assert world.call("POST", f"files/{id_}/permissions", body | {"expirationTime": end}).status == code


def test_an_owner_to_be_is_told(world: Asking) -> None:
    id_ = world.make("Suivi")
    answer = world.share(id_, KARIM, "owner", transferOwnership="true", sendNotificationEmail="false")
    assert refusal(answer)[:2] == (400, "badRequest")
    assert world.names("'me' in owners") == ["Suivi"]


def test_a_writer_shares_unless_the_owner_keeps_that_for_himself(world: Asking) -> None:
    id_ = world.make("Suivi")
    world.share(id_, KARIM)
    assert world.share(id_, SOFIA, "reader", as_=KARIM).status == 200
    world.call("PATCH", f"files/{id_}", {"writersCanShare": False})
    assert refusal(world.share(id_, "zineb@essai.example", as_=KARIM))[:2] == (403, "insufficientFilePermissions")


def test_a_guest_may_leave(world: Asking) -> None:
    id_ = world.make("Suivi")
    permission = world.share(id_, KARIM, "reader").json["id"]
    assert world.call("DELETE", f"files/{id_}/permissions/{permission}", as_=KARIM).status == 204
    assert world.names(as_=KARIM) == []
