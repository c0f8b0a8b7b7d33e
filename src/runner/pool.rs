//! Work over cores.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// How many things go side by side: as many as was said, or one a core.
pub fn side_by_side(said: Option<usize>) -> usize {
    said.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

/// Does `work` on each of `items`: `jobs` side by side, and then, one by one,
/// on those that want the machine alone. They start in the order of `items`, and
/// that is the order of the results.
pub fn examine_all<T, R>(
    jobs: usize,
    items: &[T],
    is_alone: impl Fn(&T) -> bool,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R>
where
    T: Copy + Sync,
    R: Send,
{
    let (alone, together): (Vec<usize>, Vec<usize>) =
        (0..items.len()).partition(|&place| is_alone(&items[place]));
    let one = |place: usize| work(items[place]);
    let mut done = in_parallel(jobs, &together, one);
    done.extend(in_parallel(1, &alone, one));
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does `work` on each of `items`, `jobs` side by side; gives each with its
/// result, in the order in which they ended.
pub fn in_parallel<T, R>(jobs: usize, items: &[T], work: impl Fn(T) -> R + Sync) -> Vec<(T, R)>
where
    T: Copy + Send + Sync,
    R: Send,
{
    let queue: Mutex<VecDeque<T>> = Mutex::new(items.iter().copied().collect());
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let Some(item) = next() {
                    let result = work(item);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((item, result));
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn what_wants_the_machine_alone_comes_last_and_has_it() {
        let running = AtomicUsize::new(0);
        let shared = AtomicUsize::new(0);
        let is_alone = |item: &usize| item.is_multiple_of(3);
        let items: Vec<usize> = (0..20).rev().collect();
        let results = examine_all(4, &items, is_alone, |item| {
            let others = running.fetch_add(1, Ordering::SeqCst);
            if is_alone(&item) {
                assert_eq!(others, 0, "{item} has the machine alone");
                assert_eq!(shared.load(Ordering::SeqCst), 13, "the others are done");
            } else {
                shared.fetch_add(1, Ordering::SeqCst);
            }
            running.fetch_sub(1, Ordering::SeqCst);
            2 * item
        });
        let doubled: Vec<usize> = items.iter().map(|item| 2 * item).collect();
        assert_eq!(results, doubled, "in the order of the items");
    }
}
