//! Layouts against files that say where every mark is.
//!
//! A layout that was changed on purpose writes its files anew with `UPDATE_GOLDEN=1 cargo test -p segments-charts`; what has
//! changed is then to be read in the difference.

use std::path::Path;

use crate::scene::Scene;

/// Compares a scene with `golden/NAME.txt`.
#[track_caller]
pub fn check(name: &str, scene: &Scene) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/golden/{name}.txt"));
    let found = scene.to_string();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDEN=1 writes it", path.display()));
    let differs = found
        .lines()
        .zip(wanted.lines())
        .position(|(found, wanted)| found != wanted);
    if let Some(line) = differs {
        panic!(
            "{name}, line {}:\n found  {}\n wanted {}",
            line + 1,
            found.lines().nth(line).unwrap(),
            wanted.lines().nth(line).unwrap()
        );
    }
    assert_eq!(found.lines().count(), wanted.lines().count(), "{name}");
}
