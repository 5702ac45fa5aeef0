//! The contract as one axum router over two traits: the catalog (what is stored) and the engine (what is computed).
