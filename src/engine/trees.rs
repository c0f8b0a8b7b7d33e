//! The trees of programs, each read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::case::{Budget, Sources};
use crate::interrupt::Interrupt;
use crate::toolchain::compile::Stop;
use crate::toolchain::tree::read;
use crate::toolchain::worker::Workers;
use crate::vera::Program;

/// What was read, by the digest of all its files; `None` of what has no tree.
#[derive(Default)]
pub struct Trees(Mutex<HashMap<blake3::Hash, Place>>);

/// Where one tree goes: who comes second waits for the first.
type Place = Arc<Mutex<Option<Option<Arc<Program>>>>>;

impl Trees {
    /// The tree of a program; `None` where Vera's parser refuses it, or reading it
    /// comes to no end.
    pub fn of(
        &self,
        workers: &Workers,
        sources: &Sources,
        budget: Budget,
        interrupt: &Interrupt,
    ) -> Result<Option<Arc<Program>>, Stop> {
        let mut digest = blake3::Hasher::new();
        for text in
            std::iter::once(&sources.main).chain(sources.files.iter().flat_map(|(a, b)| [a, b]))
        {
            digest.update(&text.len().to_le_bytes());
            digest.update(text.as_bytes());
        }
        let place = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(digest.finalize()).or_default())
        };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*place {
            return Ok(known.clone());
        }
        let tree = read(workers, sources, budget, interrupt)?;
        let tree = tree.ok().and_then(|it| it.program).map(Arc::new);
        *place = Some(tree.clone());
        Ok(tree)
    }
}
