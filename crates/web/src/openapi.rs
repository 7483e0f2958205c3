//! What descriptions of routes share: the problem's schema and the answers that every route can give.

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder, response::Response};
use utoipa::{IntoResponses, ToSchema as _};

use crate::problem::ProblemBody;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident { $($status:literal: $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($text))),*])
            }
        }
    )*};
}

problems! {
    /// What every route answers that needs somebody signed in.
    Problems {
        "400": "The request is wrong as it stands.",
        "401": "Nobody is signed in.",
        "403": "The right is missing, or a foreign page asked.",
        "404": "There is no such thing, or it is not told.",
        "409": "It contradicts what is there.",
        "422": "Some fields are wrong; `fields` says which.",
        "429": "Asked too often; `Retry-After` says when to try again.",
        "500": "Our fault; `instance` is the reference for the server's log.",
        "503": "Not now; nothing is lost.",
    }
    /// The same for routes that only read.
    ReadProblems {
        "401": "Nobody is signed in.",
        "403": "The right is missing.",
        "404": "There is no such thing, or it is not told.",
        "500": "Our fault; `instance` is the reference for the server's log.",
        "503": "Not now.",
    }
}

fn problem(text: &str) -> RefOr<Response> {
    let schema = utoipa::openapi::Ref::from_schema_name(ProblemBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(text)
        .content("application/problem+json", content)
        .build()
        .into()
}
