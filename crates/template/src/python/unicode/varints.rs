//! Numbers as the tables have them.

use std::slice::Iter;

/// Reads numbers that have seven bits per byte, the lowest first; the top bit says that more follow.
pub(super) struct Varints {
    bytes: Iter<'static, u8>,
}

impl Varints {
    pub(super) fn new(bytes: &'static [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }
}

impl Iterator for Varints {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = *self.bytes.next()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }
}
