//! What every implementation of [`Catalog`] and [`Files`] keeps.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a law fails by panicking"
)]

use crate::{Catalog, CatalogError, Change, Collection, Files, FilesError};

fn put(id: &str, expected: Option<u64>, unique: Option<&str>, body: &str) -> Change {
    Change::Put {
        collection: Collection::Segments,
        id: id.to_owned(),
        expected,
        unique: unique.map(str::to_owned),
        body: body.to_owned(),
    }
}

fn delete(id: &str, expected: u64) -> Change {
    Change::Delete {
        collection: Collection::Segments,
        id: id.to_owned(),
        expected,
    }
}

/// Checks the laws of a catalog.
///
/// `open` opens the same stored records once more, as another tab or process would; they are empty before the first call.
///
/// # Panics
/// When a law does not hold.
pub async fn catalog_laws<C: Catalog>(open: impl AsyncFn() -> C) {
    let here = open().await;
    let there = open().await;
    let at = Collection::Segments;

    assert_eq!(here.generation().await, Ok(0), "nothing was committed yet");
    assert_eq!(here.get(at, "a").await, Ok(None));
    assert_eq!(here.all(at).await, Ok(Vec::new()));

    let first = here
        .commit(vec![
            put("b", None, Some("beta"), "{\"n\":1}"),
            put("a", None, Some("alpha"), "{\"text\":\"ä\\u0000🎈\"}"),
        ])
        .await
        .expect("new records");
    assert!(first > 0);
    for catalog in [&here, &there] {
        assert_eq!(catalog.generation().await, Ok(first));
        let record = catalog
            .get(at, "a")
            .await
            .expect("works")
            .expect("is there");
        assert_eq!((record.collection, record.id.as_str()), (at, "a"));
        assert_eq!(record.unique.as_deref(), Some("alpha"));
        assert_eq!(record.body, "{\"text\":\"ä\\u0000🎈\"}");
        assert_eq!(record.revision, first);
        let ids: Vec<String> = catalog
            .all(at)
            .await
            .expect("works")
            .into_iter()
            .map(|record| record.id)
            .collect();
        assert_eq!(ids, ["a", "b"], "by id");
        assert_eq!(catalog.get(Collection::Members, "a").await, Ok(None));
        assert_eq!(catalog.all(Collection::Members).await, Ok(Vec::new()));
    }

    let conflict = |id: &str| {
        Err(CatalogError::Conflict {
            collection: at,
            id: id.to_owned(),
        })
    };
    let taken = |unique: &str| {
        Err(CatalogError::Taken {
            collection: at,
            unique: unique.to_owned(),
        })
    };

    // Who expects something else loses, and nothing of the commit stays.
    for (change, outcome) in [
        (put("a", None, None, "{}"), conflict("a")),
        (put("a", Some(first + 7), None, "{}"), conflict("a")),
        (put("c", Some(first), None, "{}"), conflict("c")),
        (delete("a", first + 7), conflict("a")),
        (delete("c", first), conflict("c")),
        (put("c", None, Some("alpha"), "{}"), taken("alpha")),
        (put("b", Some(first), Some("alpha"), "{}"), taken("alpha")),
    ] {
        let changes = vec![put("d", None, Some("delta"), "{}"), change];
        assert_eq!(there.commit(changes).await, outcome);
        assert_eq!(there.get(at, "d").await, Ok(None), "all or nothing");
        assert_eq!(here.generation().await, Ok(first), "no commit, no number");
    }

    // The same text is free in another collection, and in none at all.
    let elsewhere = Change::Put {
        collection: Collection::Members,
        id: "a".to_owned(),
        expected: None,
        unique: Some("alpha".to_owned()),
        body: "[]".to_owned(),
    };
    let second = there
        .commit(vec![
            elsewhere,
            put("e", None, None, "{}"),
            put("f", None, None, "{}"),
        ])
        .await
        .expect("no two in one collection");
    assert!(second > first);

    // Two swap their texts in one commit.
    let third = there
        .commit(vec![
            put("a", Some(first), Some("beta"), "{}"),
            put("b", Some(first), Some("alpha"), "{}"),
        ])
        .await
        .expect("judged after all of the changes");
    assert!(third > second);
    let swapped = here.get(at, "a").await.expect("works").expect("is there");
    assert_eq!(
        (swapped.unique.as_deref(), swapped.revision),
        (Some("beta"), third)
    );

    // A deleted record's text is free in the same commit, and its revision never comes back.
    let fourth = here
        .commit(vec![delete("a", third), put("g", None, Some("beta"), "{}")])
        .await
        .expect("the text is free");
    let again = here
        .commit(vec![put("a", None, Some("a"), "{}")])
        .await
        .expect("the id is free");
    assert!(again > fourth && fourth > third);
    assert_eq!(there.commit(vec![delete("a", third)]).await, conflict("a"));

    // A large record.
    let large = "x".repeat(3_000_000);
    here.commit(vec![put("large", None, None, &large)])
        .await
        .expect("room for it");
    let record = there
        .get(at, "large")
        .await
        .expect("works")
        .expect("is there");
    assert_eq!(record.body, large);

    // Opened later it is all there.
    drop((here, there));
    let later = open().await;
    let record = later.get(at, "a").await.expect("works").expect("is there");
    assert_eq!(
        (record.unique.as_deref(), record.revision),
        (Some("a"), again)
    );

    // Of several that count one record up at once, no count is lost.
    let other = open().await;
    later
        .commit(vec![put("count", None, None, "0")])
        .await
        .expect("is new");
    let count = async |catalog: &C| {
        for _ in 0..10 {
            loop {
                let record = catalog
                    .get(at, "count")
                    .await
                    .expect("works")
                    .expect("is there");
                let next = record.body.parse::<u32>().expect("a number") + 1;
                let change = put("count", Some(record.revision), None, &next.to_string());
                match catalog.commit(vec![change]).await {
                    Ok(_) => break,
                    Err(CatalogError::Conflict { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    };
    futures_util::future::join(count(&later), count(&other)).await;
    let record = other
        .get(at, "count")
        .await
        .expect("works")
        .expect("is there");
    assert_eq!(record.body, "20");
}

/// Checks the laws of files.
///
/// `open` opens the same files once more, as another tab or process would; there are none before the first call.
///
/// # Panics
/// When a law does not hold.
pub async fn files_laws<F: Files>(open: impl AsyncFn() -> F) {
    let here = open().await;
    let there = open().await;
    let missing = |name: &str| Err(FilesError::Missing(name.to_owned()));

    assert_eq!(here.list().await, Ok(Vec::new()));
    assert_eq!(here.read("a").await, missing("a"));
    assert_eq!(here.remove("a").await, Ok(()), "not there is removed");

    let large: Vec<u8> = (0..750_000_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(here.write("a-1_b.c", large.clone()).await, Ok(()));
    assert_eq!(there.write("empty", Vec::new()).await, Ok(()));
    for files in [&here, &there] {
        assert_eq!(files.read("a-1_b.c").await.as_ref(), Ok(&large));
        assert_eq!(files.read("empty").await, Ok(Vec::new()));
        let mut names = files.list().await.expect("works");
        names.sort();
        assert_eq!(names, ["a-1_b.c", "empty"]);
    }

    for name in [
        "", ".", "..", ".a", "a/b", "../a", "A", "ä", "a b", "a\\b", "a\0",
    ] {
        assert_eq!(
            here.write(name, vec![1]).await,
            Err(FilesError::Name(name.to_owned()))
        );
    }
    assert_eq!(here.list().await.expect("works").len(), 2);

    assert_eq!(there.remove("a-1_b.c").await, Ok(()));
    assert_eq!(here.read("a-1_b.c").await, missing("a-1_b.c"));
    assert_eq!(here.list().await, Ok(vec!["empty".to_owned()]));

    // Set aside, a file counts no more; its name is free, and may be set aside again.
    for bytes in [vec![1], vec![2]] {
        assert_eq!(here.write("aside", bytes).await, Ok(()));
        let place = there.set_aside("aside").await.expect("is there");
        assert!(place.contains("aside"), "says where: {place}");
        assert_eq!(here.read("aside").await, missing("aside"));
        assert_eq!(here.list().await, Ok(vec!["empty".to_owned()]));
    }
    assert_eq!(
        here.set_aside("aside").await,
        Err(FilesError::Missing("aside".to_owned()))
    );

    let guard = here.try_lock().await.expect("works");
    assert!(guard.is_some(), "nobody else writes");
    assert!(there.try_lock().await.expect("works").is_none());
    assert!(here.try_lock().await.expect("works").is_none());
    drop(guard);
    let guard = there.try_lock().await.expect("works");
    assert!(guard.is_some(), "given up when dropped");
    drop(guard);

    drop((here, there));
    assert_eq!(
        open().await.list().await,
        Ok(vec!["empty".to_owned()]),
        "kept"
    );
}
