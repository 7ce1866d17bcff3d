// One encrypted device on matrix-js-sdk with its Rust crypto, driven by lines of JSON.
//
// A line in is {"id": 1, "do": "say", ...}; the line out that answers it is {"id": 1, "ok": {...}} or
// {"id": 1, "error": "..."}. Passwords come in that way and so stand in no argument. All logs go to stderr.
// The device follows MSC4153: it gives keys to cross-signed devices only, and reads nothing from others.

import crypto from "node:crypto";
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

const { ContentHelpers, createClient, EventType, MsgType, Preset, RelationType, RoomEvent } = await import(
    "matrix-js-sdk"
);
const { M_POLL_KIND_DISCLOSED } = await import("matrix-js-sdk/lib/@types/polls.js");
const { PollStartEvent } = await import("matrix-js-sdk/lib/extensible_events_v1/PollStartEvent.js");
const { PollResponseEvent } = await import("matrix-js-sdk/lib/extensible_events_v1/PollResponseEvent.js");
const { PollEndEvent } = await import("matrix-js-sdk/lib/extensible_events_v1/PollEndEvent.js");
const { EventShieldColour, EventShieldReason, OnlySignedDevicesIsolationMode } = await import(
    "matrix-js-sdk/lib/crypto-api/index.js"
);

const { decodeRecoveryKey } = await import("matrix-js-sdk/lib/crypto-api/recovery-key.js");

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

async function sendPart(roomId, part) {
    const { type, content } = part.serialize();
    return client.sendEvent(roomId, type, content);
}

/**
 * Send words. A sync may show them before the request is answered, which in a thread makes the SDK (43.0.0) throw,
 * although they are there: then the ID is what the sync said.
 */
async function sendWords(roomId, threadRoot, content) {
    const transactionId = client.makeTxnId();
    let shownAs;
    const noted = (event) => {
        if (event.getTxnId() === transactionId && event.status === null) shownAs = event.getId();
    };
    client.on(RoomEvent.LocalEchoUpdated, noted);
    try {
        return await client.sendMessage(roomId, threadRoot, content, transactionId);
    } catch (error) {
        if (!shownAs) throw error;
        return { event_id: shownAs };
    } finally {
        client.off(RoomEvent.LocalEchoUpdated, noted);
    }
}

function unpadded(bytes) {
    return bytes.toString("base64").replace(/=+$/, "");
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
        await client.startClient({ initialSyncLimit: 20, threadSupport: true });
        await until(() => client.isInitialSyncComplete(), "the first sync");
        await client.getCrypto().bootstrapCrossSigning({
            // The first identity of an account needs no further authentication; to replace one is no business of a test.
            authUploadDeviceSigningKeys: (makeRequest) => makeRequest(null),
        });
        await client.getCrypto().crossSignDevice(session.device_id);
        return { device_id: session.device_id, version: client.getCrypto().getVersion() };
    },

    /** Log in to an account that has an identity, and become one of its devices with its recovery key alone. */
    async take_over({ url, user_id, password, recovery_key }) {
        const session = await createClient({ baseUrl: url }).loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user: user_id },
            password,
        });
        const raw = decodeRecoveryKey(recovery_key);
        client = createClient({
            baseUrl: url,
            userId: session.user_id,
            deviceId: session.device_id,
            accessToken: session.access_token,
            cryptoCallbacks: { getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0], raw] },
        });
        await client.initRustCrypto({ useIndexedDB: false });
        await client.startClient({ initialSyncLimit: 1 });
        await until(() => client.isInitialSyncComplete(), "the first sync");
        const crypto = client.getCrypto();
        const master = await crypto.getCrossSigningKeyId();
        await crypto.bootstrapCrossSigning({});
        const status = await crypto.getCrossSigningStatus();
        const device = await until(async () => {
            const seen = await crypto.getDeviceVerificationStatus(session.user_id, session.device_id);
            return seen?.signedByOwner && seen;
        }, "its own device to be seen as signed");
        const taken = {
            device_id: session.device_id,
            in_secret_storage: status.privateKeysInSecretStorage,
            has_private_keys: Object.values(status.privateKeysCachedLocally).every(Boolean),
            signed_by_owner: device.signedByOwner,
            same_identity: master === null || master === (await crypto.getCrossSigningKeyId()),
        };
        client.stopClient();
        await client.logout();
        return taken;
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

    async join({ room_id }) {
        await until(() => client.getRoom(room_id), `an invitation to ${room_id}`);
        await client.joinRoom(room_id);
        await until(() => client.getRoom(room_id)?.hasEncryptionStateEvent(), `the encryption of ${room_id}`);
        return {};
    },

    /** Words with what they refer to; a relation to a thread is added by the SDK itself. */
    async say_related({ room_id, body, reply_to, thread_root, edits, mentions }) {
        let content = ContentHelpers.makeTextMessage(body);
        if (mentions.length) content["m.mentions"] = { user_ids: mentions };
        if (reply_to) content["m.relates_to"] = { "m.in_reply_to": { event_id: reply_to } };
        if (edits) {
            const relation = { rel_type: RelationType.Replace, event_id: edits };
            content = { ...ContentHelpers.makeTextMessage(`* ${body}`), "m.new_content": content, "m.relates_to": relation };
        }
        return sendWords(room_id, thread_root, content);
    },

    async react({ room_id, target, key }) {
        const relation = { rel_type: RelationType.Annotation, event_id: target, key };
        return client.sendEvent(room_id, EventType.Reaction, { "m.relates_to": relation });
    },

    async start_poll({ room_id, question, answers }) {
        return sendPart(room_id, PollStartEvent.from(question, answers, M_POLL_KIND_DISCLOSED));
    },

    async vote({ room_id, poll, answer_id }) {
        return sendPart(room_id, PollResponseEvent.from([answer_id], poll));
    },

    async end_poll({ room_id, poll, result }) {
        return sendPart(room_id, PollEndEvent.from(poll, result));
    },

    async redact({ room_id, event_id }) {
        return client.redactEvent(room_id, event_id);
    },

    /** A file as the specification encrypts one ("Sending encrypted attachments"); the SDK leaves that to its users. */
    async show_file({ room_id, hex, name, kind }) {
        const clear = Buffer.from(hex, "hex");
        const key = crypto.randomBytes(32);
        const iv = Buffer.concat([crypto.randomBytes(8), Buffer.alloc(8)]);
        const cipher = crypto.createCipheriv("aes-256-ctr", key, iv);
        const sealed = Buffer.concat([cipher.update(clear), cipher.final()]);
        const { content_uri } = await client.uploadContent(sealed, { type: "application/octet-stream", includeFilename: false });
        const file = {
            v: "v2",
            url: content_uri,
            key: { kty: "oct", alg: "A256CTR", ext: true, key_ops: ["encrypt", "decrypt"], k: key.toString("base64url") },
            iv: unpadded(iv),
            hashes: { sha256: unpadded(crypto.createHash("sha256").update(sealed).digest()) },
        };
        const msgtype = kind.startsWith("image/") ? MsgType.Image : MsgType.File;
        return client.sendMessage(room_id, { msgtype, body: name, info: { mimetype: kind, size: clear.length }, file });
    },

    async open_file({ file }) {
        const answer = await fetch(client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true), {
            headers: { Authorization: `Bearer ${client.getAccessToken()}` },
        });
        if (!answer.ok) throw new Error(`the file is not given: ${answer.status}`);
        const sealed = Buffer.from(await answer.arrayBuffer());
        const hash = unpadded(crypto.createHash("sha256").update(sealed).digest());
        if (hash !== file.hashes.sha256) throw new Error("the file does not fit its hash");
        const key = Buffer.from(file.key.k, "base64url");
        const decipher = crypto.createDecipheriv("aes-256-ctr", key, Buffer.from(file.iv, "base64"));
        return { hex: Buffer.concat([decipher.update(sealed), decipher.final()]).toString("hex") };
    },

    /** What the SDK makes of an event, replaced by its edit where it has one; null until it has it and can read it. */
    async sees({ room_id, event_id }) {
        const event = client.getRoom(room_id)?.findEventById(event_id) ?? theEvent(room_id, (one) => one.getId() === event_id);
        if (!event || event.isBeingDecrypted() || event.isDecryptionFailure()) return null;
        if (event.isEncrypted() && !event.getClearContent() && !event.isRedacted()) return null;
        return {
            type: event.getType(),
            sender: event.getSender(),
            content: event.getContent(),
            encrypted: event.isEncrypted(),
            thread_root: event.threadRootId && event.threadRootId !== event_id ? event.threadRootId : null,
            redacted: event.isRedacted(),
        };
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
