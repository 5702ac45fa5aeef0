//! What the app's files are sent with, whoever serves them: this server, or `cargo xtask run`, which includes this file.

use std::path::Path;

/// Nothing is fetched from, and nothing leaves for, any other place: neither by the page nor by its worker.
pub const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
        style-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; form-action 'none'; \
        base-uri 'none'",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// How long a file may be used without asking for it again.
pub fn cache_control(file: &Path) -> &'static str {
    if is_named_by_content(file) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// Whether a file's name, or that of its folder, changes with what is in it: then it has a fingerprint in it.
fn is_named_by_content(file: &Path) -> bool {
    file.iter()
        .rev()
        .take(2)
        .filter_map(|part| part.to_str())
        .any(|part| {
            part.split(['-', '.', '_'])
                .any(|word| word.len() >= 15 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
}
