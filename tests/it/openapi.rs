//! The description of our API is a file that is reviewed like code. `OBHUT_ACCEPT=1` writes it anew.

use std::path::Path;

use testkit::{Engine, TestApp};

#[tokio::test]
async fn openapi_is_the_one_that_was_reviewed() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.brigade("tann").await;
    let served = app
        .client()
        .get("/api/obhut/openapi.json")
        .await
        .expect(200)
        .text;
    let now = server::http::description(&app.running.parts)
        .to_pretty_json()
        .unwrap()
        + "\n";
    assert_eq!(
        served.trim(),
        now.trim(),
        "what is served is what is described"
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/obhut.json");
    if std::env::var_os("OBHUT_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        reviewed == now,
        "the API changed: run ./x openapi and review the difference"
    );
}
