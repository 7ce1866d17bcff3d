"""Attacks on files, the directory, the provisioner's endpoints, activation, the admin API, and ways outside."""

from tests.clients.fake_clamd import EICAR
from tests.real.attacks.attack import CLIENT, Attack, By, Request, delete, get, post, put
from tests.synapse_modules.test_media_rules_kinds import windows_program, zipped

STAFF, HEAD, LOCKED, NOBODY = By.STAFF, By.HEAD, By.LOCKED, By.NOBODY
HUEP = "/_synapse/client/huep/v1"
ADMIN = "/_synapse/admin"
PAGE = "/kich-hoat"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MACRO = zipped("[Content_Types].xml", "word/vbaProject.bin", "word/document.xml")
PASSWORD = "thuyen giay banh beo 71"


def upload(
    content: bytes, kind: str = "image/png", path: str = "/_matrix/media/v3/upload", method: str = "POST"
) -> Request:
    return Request(method, path, params={"filename": "cong-van.png"}, headers={"Content-Type": kind}, content=content)


def filled(officer: str, code: str, password: str = PASSWORD, **headers: str) -> Request:
    """The form of the activation page."""
    form = {"officer": officer, "code": code, "password": password, "again": password}
    return Request("POST", PAGE, form=form, headers={"X-Forwarded-For": "2001:db8:a77a::1", **headers})


FILES = (
    Attack("upload-program", "uploads a program of Windows as a picture", STAFF, upload(windows_program()), 403),
    Attack("upload-elf", "uploads a program of Linux as a picture", STAFF, upload(b"\x7fELF\x02\x01" + bytes(200)), 403),
    Attack("upload-script", "uploads a script as a text", STAFF, upload(b"#!/bin/bash\nid\n", "text/plain"), 403),
    Attack("upload-archive", "uploads a program inside an archive", STAFF, upload(zipped("bao-cao.pdf.exe"), "application/zip"), 403),
    Attack("upload-page", "uploads a web page as a picture", STAFF, upload(b"<!doctype html><script>alert(1)</script>"), 403),
    Attack("upload-svg", "uploads a drawing with a script in it", STAFF, upload(SVG, "image/svg+xml"), 403),
    Attack("upload-macro", "uploads a document with macros", STAFF, upload(MACRO, "application/msword"), 403),
    Attack("upload-infected", "uploads an infected file", STAFF, upload(b"%PDF-1.7\n" + EICAR, "application/pdf"), 403),
    Attack("upload-large", "uploads more than is allowed", STAFF, upload(b"%PDF-1.7\n" + bytes(2 * 2**20)), 413, "M_TOO_LARGE"),
    Attack("upload-nobody", "uploads without a session", NOBODY, upload(b"%PDF-1.7\n"), 401, "M_MISSING_TOKEN"),
    Attack("upload-locked", "uploads after the lock", LOCKED, upload(b"%PDF-1.7\n"), 401, "M_USER_LOCKED"),
    Attack("upload-of-other", "fills the file that somebody else began", STAFF,
           upload(b"%PDF-1.7\n", path="/_matrix/media/v3/upload/{server}/{their_media}", method="PUT"), 403),
    Attack("upload-elsewhere", "uploads in another server's name", STAFF,
           upload(b"%PDF-1.7\n", path="/_matrix/media/v3/upload/outside.example/abc", method="PUT"), 404, "M_NOT_FOUND"),
    Attack("download-nobody", "downloads without a session", NOBODY,
           get("/_matrix/client/v1/media/download/{server}/{their_media}"), 401, "M_MISSING_TOKEN"),
    Attack("download-old", "downloads by the old way, which asks for no session", NOBODY,
           get("/_matrix/media/v3/download/{server}/{picture}"), 404, "M_NOT_FOUND"),
    Attack("download-outside", "has the server fetch a file from outside", STAFF,
           get("/_matrix/client/v1/media/download/outside.example/abc"), 403),
    Attack("preview", "has the server fetch a page from outside", STAFF,
           get("/_matrix/client/v1/media/preview_url", url="https://outside.example/"), 404, "M_UNRECOGNIZED"),
    Attack("media-admin", "deletes others' files by the admin API", STAFF, delete(f"{ADMIN}/v1/media/{{server}}/{{their_media}}"), 403),
)  # fmt: skip

DIRECTORY = (
    Attack("directory-nobody", "searches the directory without a session", NOBODY,
           post("/user_directory/search", {"search_term": "nguyen"}), 401, "M_MISSING_TOKEN"),
    Attack("directory-own-nobody", "searches the register's directory without a session", NOBODY,
           post(f"{HUEP}/directory/search", {"search_term": "nguyen"}), 401, "M_MISSING_TOKEN"),
    Attack("directory-locked", "searches the directory after the lock", LOCKED,
           post(f"{HUEP}/directory/search", {"search_term": "nguyen"}), 401, "M_USER_LOCKED"),
    Attack("directory-malformed", "searches the directory with something that is no word", STAFF,
           post(f"{HUEP}/directory/search", {"search_term": {"$ne": ""}}), 400, "M_MISSING_PARAM"),
    Attack("directory-hidden", "looks for a hidden unit's people", STAFF, post("/user_directory/search", {"search_term": "{hidden_localpart}"}), 200,
           then=post(f"{HUEP}/directory/search", {"search_term": "hidden {prefix}"}), without="{hidden}"),
    Attack("directory-locked-person", "looks for somebody who is locked", STAFF,
           post(f"{HUEP}/directory/search", {"search_term": "locked {prefix}"}), 200,
           then=post("/user_directory/search", {"search_term": "{locked_localpart}"}), without="{locked}"),
    Attack("reach-hidden", "writes to somebody of a hidden unit", STAFF,
           post("/createRoom", {"is_direct": True, "invite": ["{hidden}"]}), 403),
    Attack("reach-hidden-invite", "invites somebody of a hidden unit", STAFF, post("/rooms/{own}/invite", {"user_id": "{hidden}"}), 403),
    Attack("reach-leader", "writes to a leader of the red list", STAFF,
           post("/createRoom", {"is_direct": True, "invite": ["{leader}"]}), 403),
    Attack("directory-people", "reads the whole projection of the register", STAFF, get(f"{HUEP}/people"), 401, "M_UNKNOWN_TOKEN"),
    Attack("directory-roll", "calls the roll of all accounts", STAFF, post(f"{HUEP}/roll", {"after": ""}), 401, "M_UNKNOWN_TOKEN"),
    Attack("directory-users", "lists all accounts by the admin API", STAFF, get(f"{ADMIN}/v2/users"), 403),
    Attack("profile-outside", "has the server ask another one who somebody is", STAFF, get("/profile/@ai:outside.example"), 403),
    Attack("directory-thirdparty", "looks for people of other networks", STAFF, get("/thirdparty/user/irc", nick="x"), 200,
           then=get("/thirdparty/protocols"), without="irc"),
)  # fmt: skip

BATCH = (
    Attack("batch-create", "makes an account by the provisioner's endpoint", STAFF,
           post(f"{HUEP}/accounts", {"actions": [{"id": "1", "do": "create", "localpart": "ke-la", "display_name": "x"}]}),
           401, "M_UNKNOWN_TOKEN"),
    Attack("batch-unlock", "unlocks an account by the provisioner's endpoint", STAFF,
           post(f"{HUEP}/accounts", {"actions": [{"id": "1", "do": "unlock", "localpart": "{locked_localpart}"}]}),
           401, "M_UNKNOWN_TOKEN"),
    Attack("batch-rename", "renames by the provisioner's endpoint, as a head", HEAD,
           post(f"{HUEP}/accounts", {"actions": [{"id": "1", "do": "rename", "localpart": "{head_localpart}", "display_name": "x"}]}),
           401, "M_UNKNOWN_TOKEN"),
    Attack("batch-join", "enters a room by the provisioner's endpoint", STAFF,
           post(f"{HUEP}/memberships", {"actions": [{"id": "1", "do": "join", "localpart": "{staff_localpart}", "room_id": "{their_team}"}]}),
           401, "M_UNKNOWN_TOKEN"),
    Attack("batch-publish", "publishes themselves as a leader", STAFF,
           post(f"{HUEP}/people", {"people": [], "units": [], "version": 1}), 401, "M_UNKNOWN_TOKEN"),
    Attack("batch-nobody", "asks the provisioner's endpoint for nothing but with no token", NOBODY,
           post(f"{HUEP}/accounts", {"actions": []}), 401, "M_MISSING_TOKEN"),
    Attack("batch-proxy", "reaches the provisioner's endpoint through a proxy", NOBODY,
           Request("POST", f"{HUEP}/accounts", {"actions": []}, headers={"X-Forwarded-For": "127.0.0.1", "Authorization": "Bearer x"}), 403),
    Attack("batch-address", "puts the token into the address", NOBODY,
           post(f"{HUEP}/accounts", {"actions": []}, access_token="x"), 401, "M_MISSING_TOKEN"),
)  # fmt: skip

ACTIVATION = (
    Attack("code-guessed", "guesses an activation code", NOBODY, filled("{eager_officer}", "{code}"), 403, None),
    Attack("code-of-nobody", "tries a code for somebody who does not exist", NOBODY, filled("CB-NOBODY-{prefix}", "{code}"), 403, None),
    Attack("code-injected", "writes SQL for a code", NOBODY, filled("{eager_officer}", "' OR 1=1 --"), 403, None),
    Attack("code-service", "activates the service account", NOBODY, filled("{owner}", "{code}"), 403, None),
    Attack("code-elsewhere", "sends the form from another site", NOBODY,
           filled("{eager_officer}", "{code}", **{"Sec-Fetch-Site": "cross-site", "Origin": "https://outside.example"}), 403, None),
    Attack("code-json", "sends the form as JSON", NOBODY, post(PAGE, {"officer": "{eager_officer}"}), 400, None),
    Attack("code-large", "sends a form of a megabyte", NOBODY, filled("{eager_officer}", "x" * 2**20), 400, None),
    Attack("code-deleted", "asks the page for what it does not do", NOBODY, Request("DELETE", PAGE), 405, None),
    Attack("code-flood", "guesses code after code for one person", NOBODY, filled("{their_head_officer}", "{code}"), 429, None, before=10),
)  # fmt: skip

OPERATORS = (
    Attack("admin-nobody", "calls the admin API without a session", NOBODY, get(f"{ADMIN}/v2/users"), 401, "M_MISSING_TOKEN"),
    Attack("admin-user", "makes themselves an administrator", STAFF, put(f"{ADMIN}/v2/users/{{staff}}", {"admin": True}), 403),
    Attack("admin-flag", "makes themselves an administrator, the old way", STAFF, put(f"{ADMIN}/v1/users/{{staff}}/admin", {"admin": True}), 403),
    Attack("admin-login", "has a session of a colleague's made", STAFF, post(f"{ADMIN}/v1/users/{{colleague}}/login"), 403),
    Attack("admin-whois", "asks where a colleague is logged in", STAFF, get(f"{ADMIN}/v1/whois/{{colleague}}"), 403),
    Attack("admin-whois-old", "asks where a colleague is logged in, the old way", STAFF, get("/admin/whois/{colleague}"), 403),
    Attack("admin-deactivate", "deactivates a colleague", STAFF, post(f"{ADMIN}/v1/deactivate/{{colleague}}", {"erase": True}), 403),
    Attack("admin-tokens", "makes a registration token", STAFF, post(f"{ADMIN}/v1/registration_tokens/new"), 403),
    Attack("admin-room-deleted", "deletes others' room", STAFF, delete(f"{ADMIN}/v2/rooms/{{their_team}}", {"purge": True}), 403),
    Attack("admin-history", "purges the history of the unit's room", HEAD, post(f"{ADMIN}/v1/purge_history/{{announcements}}"), 403),
    Attack("admin-notice", "sends a message in the server's name", STAFF,
           post(f"{ADMIN}/v1/send_server_notice", {"user_id": "{colleague}", "content": {"msgtype": "m.text", "body": "x"}}), 403),
    Attack("admin-ratelimit", "lifts the own rate limits", STAFF,
           post(f"{ADMIN}/v1/users/{{staff}}/override_ratelimit", {"messages_per_second": 0, "burst_count": 0}), 403),
    Attack("admin-shadow", "silences a colleague without their knowing", STAFF, post(f"{ADMIN}/v1/users/{{colleague}}/shadow_ban"), 403),
    Attack("admin-redact", "redacts all of a colleague's messages", STAFF, post(f"{ADMIN}/v1/user/{{colleague}}/redact", {"rooms": []}), 403),
    Attack("admin-features", "switches experiments on for themselves", STAFF,
           put(f"{ADMIN}/v1/experimental_features/{{staff}}", {"features": {"msc3881": True}}), 403),
    Attack("admin-bridge", "calls as an application service", STAFF, post("/_matrix/client/v1/appservice/x/ping"), 403),
    Attack("admin-reports", "reads what was reported", STAFF, get(f"{ADMIN}/v1/event_reports"), 403),
    Attack("admin-old-register", "asks for the account of an application service", NOBODY,
           Request("POST", f"{CLIENT}/register", {"type": "m.login.application_service", "username": "x"},
                   headers={"Authorization": "Bearer x"}), 401, "M_UNKNOWN_TOKEN"),
)  # fmt: skip

OUTSIDE = (
    Attack("federation-version", "asks for the version as another server would", NOBODY, get("/_matrix/federation/v1/version"), 404, "M_UNRECOGNIZED"),
    Attack("federation-keys", "asks for the signing keys as another server would", NOBODY, get("/_matrix/key/v2/server"), 404, "M_UNRECOGNIZED"),
    Attack("federation-send", "sends events as another server would", NOBODY, put("/_matrix/federation/v1/send/1", {"pdus": []}), 404, "M_UNRECOGNIZED"),
    Attack("federation-openid", "has a proof of identity examined", NOBODY,
           get("/_matrix/federation/v1/openid/userinfo", access_token="x"), 404, "M_UNRECOGNIZED"),
    Attack("replication", "talks to the server as its worker would", NOBODY, post("/_synapse/replication/send_event/x"), 404, "M_UNRECOGNIZED"),
    Attack("metrics", "reads the server's metrics", NOBODY, get("/_synapse/metrics"), 404, "M_UNRECOGNIZED"),
    Attack("rendezvous", "opens a rendezvous for an unknown device", NOBODY,
           Request("POST", "/_matrix/client/unstable/org.matrix.msc4108/rendezvous", content=b"x", headers={"Content-Type": "text/plain"}),
           404, "M_UNRECOGNIZED"),
    Attack("dehydrated", "keeps a device without a session", NOBODY,
           put("/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device", {}), 404, "M_UNRECOGNIZED"),
    Attack("account-status", "asks of many accounts whether they exist", STAFF,
           post("/_matrix/client/unstable/org.matrix.msc3720/account_status", {"user_ids": ["{colleague}"]}), 404, "M_UNRECOGNIZED", unseen=True),
    Attack("fed-proxy", "has the server speak to another one", STAFF,
           post("/_matrix/client/unstable/io.element.msc4512/appservice/fed_proxy", {}), 404, "M_UNRECOGNIZED", unseen=True),
    Attack("threads-subscribed", "subscribes to threads of others' rooms", STAFF,
           put("/_matrix/client/unstable/io.element.msc4306/rooms/{their_team}/thread/{their_event}/subscription", {}), 404, "M_UNRECOGNIZED", unseen=True),
)  # fmt: skip
