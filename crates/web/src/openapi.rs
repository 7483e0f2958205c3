//! What descriptions of routes share: the problem's schema and the answers that every route can give.

use std::collections::BTreeMap;

use utoipa::openapi::{ComponentsBuilder, OpenApi, OpenApiBuilder};
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder, response::Response};
use utoipa::{IntoResponses, PartialSchema as _, ToSchema as _};

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

/// The schemas that these answers refer to; merge it into the whole description.
pub fn components() -> OpenApi {
    let mut schemas = Vec::new();
    ProblemBody::schemas(&mut schemas);
    let components = ComponentsBuilder::new()
        .schema(ProblemBody::name(), ProblemBody::schema())
        .schemas_from_iter(schemas)
        .build();
    OpenApiBuilder::new().components(Some(components)).build()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Json, Page, Paging, Query};

    #[utoipa::path(
        get, path = "/things", params(Paging),
        responses((status = 200, body = Page<String>), Problems)
    )]
    #[expect(clippy::unused_async, reason = "it stands for a handler")]
    async fn list_things(_: Query<Paging>) -> Json<Page<String>> {
        Json(Page::whole(Vec::new()))
    }

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(list_things))]
    struct Api;

    #[tokio::test]
    async fn routes_say_how_they_fail() {
        use utoipa::OpenApi as _;
        let mut api = Api::openapi();
        api.merge(components());
        let text = serde_json::to_value(&api).unwrap_or_default();
        let responses = &text["paths"]["/things"]["get"]["responses"];
        let schema = &responses["404"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/ProblemBody");
        assert_eq!(
            responses["200"]["content"]
                .as_object()
                .map(serde_json::Map::len),
            Some(1)
        );
        let schemas = &text["components"]["schemas"];
        assert!(
            schemas["ProblemBody"]["properties"]["code"].is_object(),
            "{schemas}"
        );
        assert!(schemas["FieldBody"].is_object());
        let names = &text["paths"]["/things"]["get"]["parameters"];
        assert_eq!(
            (&names[0]["name"], &names[0]["in"]),
            (&"after".into(), &"query".into())
        );
        let page = list_things(Query(Paging::default())).await;
        assert!(page.items.is_empty());
    }
}
