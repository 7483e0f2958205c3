//! Fields of forms that are wrong.

use base::FieldProblem;
use base::TextError;
use web::Failure;

/// A text that is too long, too short, or holds what no text may.
pub(crate) fn text(field: &'static str, error: TextError) -> Failure {
    Failure::fields(vec![FieldProblem {
        field,
        code: error.code(),
        detail: error.to_string(),
    }])
}
