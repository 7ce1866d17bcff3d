not-understood = I did not understand that. Try "{ $first }" or "{ $second }".
not-in-register = I cannot find you in today's staff directory. Please ask your unit's personnel officer.
something-failed = The system is busy, so I cannot answer yet. Please try again in a few minutes.
device-not-verified = The device you are using is not verified, so I do not answer on it. Open Settings > Encryption (or Security), verify this device, and send your question again.
not-encrypted = I answer in end-to-end encrypted rooms only. Start a new direct chat with me and send your question there.
cannot-read = I have not received the key for your last message. Please send it again; if that does not help, sign out of the app and in again.
