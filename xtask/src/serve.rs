//! A small static server for `dist` on the loopback interface, for the app with its embedded backend.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use crate::{
    failure::{Failure, Result},
    headers::{HEADERS, cache_control},
};

const READ_LIMIT: Duration = Duration::from_secs(30);
const LONGEST_HEAD: u64 = 64 * 1024;

/// A listening server; requests are answered once [`Server::run`] or [`Server::in_background`] is called.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    folder: Arc<Path>,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 takes a free one.
    pub fn bind(folder: &Path, port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            Failure::new(format!("cannot listen on 127.0.0.1:{port}: {error}")).by_hand(
                "choose another port: cargo xtask run --port N\n\
                (the browser keeps data by address, so the app starts afresh there)",
            )
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::new(format!("cannot tell the port: {error}")))?;
        Ok(Self {
            listener,
            address,
            folder: folder.into(),
        })
    }

    /// The app's address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the program ends.
    pub fn run(self) {
        for connection in self.listener.incoming().flatten() {
            let folder = Arc::clone(&self.folder);
            // A browser that goes away is no failure of the server.
            thread::spawn(move || serve(connection, &folder).ok());
        }
    }

    /// Serves in a thread until the program ends.
    pub fn in_background(self) {
        thread::spawn(|| self.run());
    }
}

fn serve(connection: TcpStream, folder: &Path) -> io::Result<()> {
    connection.set_read_timeout(Some(READ_LIMIT))?;
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        let answer = answer(&request, folder);
        (&connection).write_all(&answer)?;
    }
    Ok(())
}

struct Request {
    method: String,
    path: String,
}

/// `None` at the end of the connection. Bodies are not read: no request that is answered well has one.
fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut head = reader.by_ref().take(LONGEST_HEAD);
    let mut first = String::new();
    if head.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split_whitespace();
    Ok(Some(Request {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
    }))
}

fn answer(request: &Request, folder: &Path) -> Vec<u8> {
    let with_body = match request.method.as_str() {
        "GET" => true,
        "HEAD" => false,
        _ => {
            return response(
                "405 Method Not Allowed",
                Path::new(".txt"),
                b"GET or HEAD\n",
                true,
            );
        }
    };
    let path = request.path.split(['?', '#']).next().unwrap_or_default();
    match find(folder, path).and_then(|file| Some((fs::read(&file).ok()?, file))) {
        Some((body, file)) => response("200 OK", &file, &body, with_body),
        None => response(
            "404 Not Found",
            Path::new(".txt"),
            b"not found\n",
            with_body,
        ),
    }
}

/// The file for a path. A path that names no file is one of the app's own routes, and gets the app.
fn find(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.strip_prefix('/')?);
    let inside = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return None;
    }
    let file = folder.join(relative);
    if file.is_file() {
        return Some(file);
    }
    let is_route = relative.extension().is_none() && !path.starts_with("/api/");
    is_route.then(|| folder.join("index.html"))
}

fn response(status: &str, file: &Path, body: &[u8], with_body: bool) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status}\r\n\
        Content-Type: {}\r\n\
        Content-Length: {}\r\n\
        Cache-Control: {}\r\n",
        media_type(file),
        body.len(),
        cache_control(file),
    );
    for (name, value) in HEADERS {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    if with_body {
        answer.extend_from_slice(body);
    }
    answer
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("xtask-serve-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("index.html"), "the app").expect("a page");
        fs::write(folder.join("app-0123456789abcdef_bg.wasm"), "\0asm").expect("a module");
        folder
    }

    fn ask(folder: &Path, request: &str) -> String {
        let server = Server::bind(folder, 0).expect("a free port");
        let address = server.address;
        server.in_background();
        let mut connection = TcpStream::connect(address).expect("a connection");
        connection.write_all(request.as_bytes()).expect("sent");
        connection
            .shutdown(std::net::Shutdown::Write)
            .expect("end of requests");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        answer
    }

    #[test]
    fn a_route_gets_the_app_and_is_never_cached() {
        let folder = folder("route");
        let answer = ask(&folder, "GET /segments/a?q=1 HTTP/1.1\r\nHost: x\r\n\r\n");
        fs::remove_dir_all(&folder).expect("removed");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("text/html"), "{answer}");
        assert!(answer.contains("Cache-Control: no-cache"), "{answer}");
        assert!(
            answer.contains("content-security-policy: default-src 'none'"),
            "{answer}"
        );
        assert!(answer.ends_with("the app"), "{answer}");
    }

    #[test]
    fn hashed_files_are_kept_and_one_connection_serves_many() {
        let folder = folder("kept");
        let request = "GET /app-0123456789abcdef_bg.wasm HTTP/1.1\r\n\r\n";
        let answer = ask(&folder, &request.repeat(2));
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(answer.matches("application/wasm").count(), 2, "{answer}");
        assert_eq!(answer.matches("immutable").count(), 2, "{answer}");
    }

    #[test]
    fn a_missing_file_and_the_absent_api_are_not_found() {
        let folder = folder("missing");
        let file = ask(&folder, "GET /gone.js HTTP/1.1\r\n\r\n");
        let api = ask(&folder, "GET /api/v1/project HTTP/1.1\r\n\r\n");
        let post = ask(&folder, "POST / HTTP/1.1\r\n\r\n");
        fs::remove_dir_all(&folder).expect("removed");
        assert!(file.starts_with("HTTP/1.1 404"), "{file}");
        assert!(api.starts_with("HTTP/1.1 404"), "{api}");
        assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    }

    #[test]
    fn nothing_above_the_folder_is_served() {
        let folder = folder("above");
        assert_eq!(find(&folder, "/../secret"), None);
        assert_eq!(find(&folder, "//etc/passwd"), None);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
