//! The threads that shares of the users are worked on with.
//!
//! They are started once, for every question there will be: a step is too short to start threads in. Where none can be
//! started, as in a browser, the shares are worked on one after the other.

/// Does the work of each share, at the same time where there are threads.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn at_once<T: Send>(shares: &mut [T], work: impl Fn(&mut T) + Sync) {
    use std::sync::OnceLock;

    use rayon::ThreadPool;

    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    if shares.len() < 2 {
        shares.iter_mut().for_each(work);
        return;
    }
    let pool = POOL.get_or_init(|| named().build().ok());
    among(pool.as_ref(), shares, work);
}

/// Does the work of each share.
#[cfg(target_family = "wasm")]
pub(crate) fn at_once<T>(shares: &mut [T], work: impl Fn(&mut T)) {
    shares.iter_mut().for_each(work);
}

#[cfg(not(target_family = "wasm"))]
fn named() -> rayon::ThreadPoolBuilder {
    rayon::ThreadPoolBuilder::new().thread_name(|number| format!("engine-{number}"))
}

#[cfg(not(target_family = "wasm"))]
fn among<T: Send>(
    pool: Option<&rayon::ThreadPool>,
    shares: &mut [T],
    work: impl Fn(&mut T) + Sync,
) {
    use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};

    match pool {
        Some(pool) => pool.install(|| shares.par_iter_mut().for_each(&work)),
        None => shares.iter_mut().for_each(work),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::{Error, ErrorKind};
    use std::sync::Mutex;
    use std::thread::{ThreadId, available_parallelism, current};

    use super::{among, at_once, named};

    #[test]
    fn every_share_is_worked_on() {
        let mut shares = vec![1, 2, 3];
        at_once(&mut shares, |share| *share *= 2);
        assert_eq!(shares, [2, 4, 6]);
    }

    #[test]
    fn threads_are_started_once_and_not_for_each_step() {
        let threads: Mutex<BTreeSet<String>> = Mutex::default();
        let id = |id: ThreadId| format!("{id:?}");
        for _ in 0..200 {
            at_once(&mut [0; 4], |_| {
                threads.lock().unwrap().insert(id(current().id()));
            });
        }
        let most = available_parallelism().map_or(1, |threads| threads.get());
        let threads = threads.into_inner().unwrap();
        assert!(threads.len() <= most + 1, "{threads:?}");
    }

    #[test]
    fn without_threads_the_shares_are_worked_on_one_after_the_other() {
        let none = named().spawn_handler(|_| Err(Error::from(ErrorKind::WouldBlock)));
        let pool = none.build().ok();
        assert!(pool.is_none());
        let mut shares = vec![1, 2, 3];
        among(pool.as_ref(), &mut shares, |share| *share *= 2);
        assert_eq!(shares, [2, 4, 6]);
    }
}
