//! The backend in a Web Worker: IndexedDB and OPFS below, fetch-shaped messages above.
