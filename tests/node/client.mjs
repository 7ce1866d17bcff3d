// One encrypted device on matrix-js-sdk with its Rust crypto, driven by lines of JSON.
//
// A line in is {"id": 1, "do": "say", ...}; the line out that answers it is {"id": 1, "ok": {...}} or
// {"id": 1, "error": "..."}. Passwords come in that way and so stand in no argument. All logs go to stderr.
// The device follows MSC4153: it gives keys to cross-signed devices only, and reads nothing from others.

import process from "node:process";
import readline from "node:readline";

// Node 20 lacks what the SDK takes from Node 22.
Promise.withResolvers ??= function () {
    const parts = {};
    parts.promise = new this((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return parts;
};
// Standard output belongs to the answers; of the SDK's chatter only warnings and errors are kept.
for (const method of ["log", "info", "debug", "trace"]) console[method] = () => {};
console.warn = console.error;

const { createClient, EventType, MsgType, Preset } = await import("matrix-js-sdk");
const { EventShieldColour, EventShieldReason, OnlySignedDevicesIsolationMode } = await import(
    "matrix-js-sdk/lib/crypto-api/index.js"
);

const PATIENCE_MS = 30_000;
const POLL_MS = 20;
const ENCRYPTION = { type: EventType.RoomEncryption, state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

let client;

async function until(find, what) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
        const found = await find();
        if (found) return found;
        if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

function theEvent(roomId, wanted) {
    return client.getRoom(roomId)?.getLiveTimeline().getEvents().find(wanted);
}

/** The device of the sender that holds the key which encrypted the event. */
async function deviceBehind(event) {
    const devices = (await client.getCrypto().getUserDeviceInfo([event.getSender()], true)).get(event.getSender());
    return [...(devices?.values() ?? [])].find((device) => device.getIdentityKey() === event.getSenderKey())?.deviceId;
}

async function asSeen(event) {
    const encryption = await client.getCrypto().getEncryptionInfoForEvent(event);
    return {
        event_id: event.getId(),
        sender: event.getSender(),
        device_id: (await deviceBehind(event)) ?? null,
        wire_type: event.getWireType(),
        body: event.isDecryptionFailure() ? null : (event.getContent().body ?? null),
        unreadable: event.decryptionFailureReason,
        shield: encryption && EventShieldColour[encryption.shieldColour],
        shield_reason: encryption?.shieldReason == null ? null : EventShieldReason[encryption.shieldReason],
    };
}

const commands = {
    async log_in({ url, user_id, password }) {
        const anyone = createClient({ baseUrl: url });
        const session = await anyone.loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user: user_id },
            password,
            initial_device_display_name: "matrix-js-sdk",
        });
        client = createClient({
            baseUrl: url,
            userId: session.user_id,
            deviceId: session.device_id,
            accessToken: session.access_token,
        });
        await client.initRustCrypto({ useIndexedDB: false });
        client.getCrypto().setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
        await client.startClient({ initialSyncLimit: 20 });
        await until(() => client.isInitialSyncComplete(), "the first sync");
        await client.getCrypto().bootstrapCrossSigning({
            // The first identity of an account needs no further authentication; to replace one is no business of a test.
            authUploadDeviceSigningKeys: (makeRequest) => makeRequest(null),
        });
        await client.getCrypto().crossSignDevice(session.device_id);
        return { device_id: session.device_id, version: client.getCrypto().getVersion() };
    },

    async create_encrypted_room({ others }) {
        const { room_id } = await client.createRoom({
            preset: Preset.TrustedPrivateChat,
            is_direct: others.length === 1,
            invite: others,
            initial_state: [ENCRYPTION],
        });
        await until(() => client.getRoom(room_id)?.hasEncryptionStateEvent(), `the encryption of ${room_id}`);
        return { room_id };
    },

    async until_joined({ room_id, user_id }) {
        const joined = () => client.getRoom(room_id)?.getMember(user_id)?.membership === "join";
        await until(joined, `${user_id} in ${room_id}`);
        return {};
    },

    async say({ room_id, body }) {
        const { event_id } = await client.sendMessage(room_id, { msgtype: MsgType.Text, body });
        return { event_id };
    },

    /** What this device makes of the first message of that sender in the room, once it could be read or was refused. */
    async next_from({ room_id, sender }) {
        const theirs = (event) => event.getSender() === sender && !event.isState();
        const settled = () => {
            const event = theEvent(room_id, theirs);
            return event && !event.isBeingDecrypted() && (event.getClearContent() || event.isDecryptionFailure()) && event;
        };
        return asSeen(await until(settled, `words of ${sender}`));
    },

    /** The type and content of an event as the homeserver has it. */
    async on_the_server({ room_id, event_id }) {
        const event = await client.fetchRoomEvent(room_id, event_id);
        return { type: event.type, content: event.content };
    },

    async devices_of({ user_id }) {
        const crypto = client.getCrypto();
        const devices = (await crypto.getUserDeviceInfo([user_id], true)).get(user_id) ?? new Map();
        const found = {};
        for (const device_id of devices.keys()) {
            const status = await crypto.getDeviceVerificationStatus(user_id, device_id);
            found[device_id] = {
                signed_by_owner: status.signedByOwner,
                cross_signing_verified: status.crossSigningVerified,
            };
        }
        return { devices: found, has_identity: await crypto.userHasCrossSigningKeys(user_id, true) };
    },
};

async function answer(line) {
    const { id, do: name, ...parameters } = JSON.parse(line);
    try {
        return { id, ok: await commands[name](parameters) };
    } catch (error) {
        return { id, error: error?.stack ?? String(error) };
    }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
process.exit(0);
