//! What forms become. Each is filled, and what it stands for is checked by the model, whose errors are the form's.

use segments_model::criterion::UsersCriterion;
use segments_model::{Compare, Criterion, Filter, Range, validate};

use crate::audience::AudienceForm;
use crate::error::{Errors, FormError};
use crate::filter::FilterForm;
use crate::measure::CompareForm;
use crate::occurrence::{Occurrence, OccurrenceForm};
use crate::range::RangeForm;
use crate::users::UserIdsForm;

macro_rules! becomes {
    ($($form:ty => $whole:ty, $check:expr;)*) => {$(
        impl TryFrom<&$form> for $whole {
            type Error = Vec<FormError>;

            fn try_from(form: &$form) -> Result<Self, Self::Error> {
                Errors::checked(|errors| form.fill(errors), $check)
            }
        }
    )*};
}

becomes! {
    RangeForm => Range, validate::range;
    CompareForm => Compare, |compare| validate::compare(*compare);
    FilterForm => Option<Filter>, |filter| filter.iter().flat_map(validate::filter).collect();
    OccurrenceForm => Occurrence, |it| validate::occurrence(it.event.as_ref(), it.filter.as_ref(), &it.did);
    UserIdsForm => UsersCriterion, validate::users;
    // What is in it was checked when it was chosen.
    AudienceForm => Option<Criterion>, |_| Vec::new();
}
