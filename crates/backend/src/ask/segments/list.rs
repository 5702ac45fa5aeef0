//! The list of segments: searched, filtered, sorted, a page at a time.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use segments_model::segment::{
    CategoryFacet, CreatorFacet, Person, SegmentColumn, SegmentFacets, SegmentKind, SegmentPage,
    SegmentQuery, SegmentSort,
};
use segments_model::sort::sort_by;

use crate::ask::backend::Backend;
use crate::ask::cursor::{Pages, fingerprint};
use crate::ask::segments::summary::summary;
use crate::error::Error;
use crate::store::library::{Entry, LibrarySnapshot, fold, write};

/// A page of the segments, and how many there are of each sort.
///
/// # Errors
/// [`Error::Meaningless`], [`Error::Malformed`], [`Error::CursorGone`], [`Error::Unavailable`], [`Error::Broken`]
pub async fn list(backend: &Backend, query: &SegmentQuery) -> Result<SegmentPage, Error> {
    let context = backend.context().await?;
    let limit = backend.page(query.limit)?;
    let sort = query.sort.unwrap_or(SegmentSort {
        by: SegmentColumn::Name,
        descending: false,
    });
    let mut entries: Vec<&Arc<Entry>> = filtered(&context.library, query).collect();
    order(&context.library, &mut entries, sort);

    let question = write(&SegmentQuery {
        limit: None,
        cursor: None,
        ..query.clone()
    })?;
    let pages = Pages {
        as_of: context.now,
        question: fingerprint([question.as_bytes()]),
        data: fingerprint(entries.iter().map(|entry| entry.id.as_bytes())),
    };
    let page = pages.page(&entries, limit, query.cursor.as_deref(), |entry| {
        summary(&context, entry)
    })?;
    Ok(SegmentPage {
        items: page.items,
        next_cursor: page.next_cursor,
        total: page.total,
        facets: facets(&context.library),
    })
}

fn filtered<'a>(
    library: &'a LibrarySnapshot,
    query: &SegmentQuery,
) -> impl Iterator<Item = &'a Arc<Entry>> + use<'a> {
    let search = query.search.as_deref().map(fold).unwrap_or_default();
    let category = query.category.as_deref().map(fold);
    let (kind, creator) = (query.kind, query.creator.clone());
    let archived = query.archived.unwrap_or_default();
    library.entries().filter(move |entry| {
        let segment = &entry.segment;
        (archived || segment.archived_at.is_none())
            && kind.is_none_or(|kind| kind == segment.kind)
            && category
                .as_ref()
                .is_none_or(|category| *category == entry.folded_category)
            && creator
                .as_ref()
                .is_none_or(|creator| *creator == segment.creator.id)
            && entry.matches(&search)
    })
}

fn order(library: &LibrarySnapshot, entries: &mut [&Arc<Entry>], sort: SegmentSort) {
    let users = |entry: &Entry| library.found(&entry.id).map(|found| found.value.users);
    let compare = |a: &Entry, b: &Entry| match sort.by {
        SegmentColumn::Name => a.folded.cmp(&b.folded),
        SegmentColumn::Category => a.folded_category.cmp(&b.folded_category),
        SegmentColumn::Kind => {
            (a.segment.kind == SegmentKind::Dynamic).cmp(&(b.segment.kind == SegmentKind::Dynamic))
        }
        SegmentColumn::Users => users(a).cmp(&users(b)),
        SegmentColumn::Creator => {
            let key = |entry: &Entry| {
                (
                    fold(&entry.segment.creator.name),
                    entry.segment.creator.id.clone(),
                )
            };
            key(a).cmp(&key(b))
        }
        SegmentColumn::CreatedAt => a.segment.created_at.cmp(&b.segment.created_at),
        SegmentColumn::UpdatedAt => a.segment.updated_at.cmp(&b.segment.updated_at),
    };
    sort_by(entries, |a, b| {
        let unsized_last = match sort.by {
            SegmentColumn::Users => users(a).is_none().cmp(&users(b).is_none()),
            _ => Ordering::Equal,
        };
        let by_column = if sort.descending {
            compare(a, b).reverse()
        } else {
            compare(a, b)
        };
        unsized_last
            .then(by_column)
            .then_with(|| (&a.folded, &a.id).cmp(&(&b.folded, &b.id)))
    });
}

fn facets(library: &LibrarySnapshot) -> SegmentFacets {
    let mut facets = SegmentFacets::default();
    let mut categories: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    let mut creators: BTreeMap<&str, (&Person, u64)> = BTreeMap::new();
    for entry in library.entries() {
        let segment = &entry.segment;
        match (segment.archived_at, segment.kind) {
            (Some(_), _) => facets.archived += 1,
            (None, SegmentKind::Dynamic) => facets.dynamic += 1,
            (None, SegmentKind::Static) => facets.fixed += 1,
        }
        if !segment.category.is_empty() {
            categories
                .entry(&entry.folded_category)
                .or_insert((&segment.category, 0))
                .1 += 1;
        }
        creators
            .entry(&segment.creator.id)
            .or_insert((&segment.creator, 0))
            .1 += 1;
    }
    facets.categories = categories
        .into_values()
        .map(|(category, segments)| CategoryFacet {
            category: category.to_owned(),
            segments,
        })
        .collect();
    facets.creators = creators
        .into_values()
        .map(|(creator, segments)| CreatorFacet {
            creator: creator.clone(),
            segments,
        })
        .collect();
    sort_by(&mut facets.creators, |a, b| {
        fold(&a.creator.name).cmp(&fold(&b.creator.name))
    });
    facets
}
