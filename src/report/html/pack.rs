//! Bytes as text that can stand anywhere in a page, and is small: what gzip
//! makes of them, in Base64. No byte of what was recorded is changed, and none
//! of it can end the element that it stands in.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The bytes, packed.
pub fn packed(bytes: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .expect("writing to memory does not fail");
    let packed = encoder.finish().expect("writing to memory does not fail");
    STANDARD.encode(packed)
}
