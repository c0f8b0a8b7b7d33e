//! Values that the host keeps for a program.

use std::collections::HashMap;

use super::failure::HostFailure;

/// Values that a program knows by a number.
#[derive(Debug)]
pub struct HandleTable<T> {
    values: HashMap<i32, T>,
    next: i32,
}

impl<T> Default for HandleTable<T> {
    fn default() -> Self {
        HandleTable {
            values: HashMap::new(),
            next: 1,
        }
    }
}

impl<T> HandleTable<T> {
    /// Keeps a value; gives its handle, a number from 1 up that fits 31 bits.
    pub fn keep(&mut self, value: T) -> Result<i32, HostFailure> {
        let handle = self.next;
        self.next = handle.checked_add(1).ok_or_else(|| {
            HostFailure::Refused("2147483647 handles were used: there are no more".to_owned())
        })?;
        self.values.insert(handle, value);
        Ok(handle)
    }

    /// The value of a handle. A handle that is gone, or never was, is what
    /// Vera's host fails on with a `KeyError`.
    pub fn get(&self, handle: i32) -> Result<&T, HostFailure> {
        self.values
            .get(&handle)
            .ok_or_else(|| HostFailure::Refused(handle.to_string()))
    }

    /// Drops a value that the program can no longer reach.
    pub fn release(&mut self, handle: i32) {
        self.values.remove(&handle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_used_once() {
        let mut handles = HandleTable::default();
        let (one, two) = (handles.keep("a").unwrap(), handles.keep("b").unwrap());
        assert_eq!((one, two), (1, 2));
        handles.release(one);
        assert_eq!(handles.get(one), Err(HostFailure::Refused("1".to_owned())));
        assert_eq!(handles.get(two), Ok(&"b"));
        assert_eq!(handles.keep("c"), Ok(3));
    }
}
