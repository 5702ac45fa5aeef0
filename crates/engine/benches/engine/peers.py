"""Other engines, for the benchmark: `peers.py data FILE`, `peers.py chdb|duckdb FOLDER`.

`data` makes a Parquet file of the events on standard input. The others load it once, then take a command a line on
standard input and give an answer a line on standard output, both JSON.
"""

import json
import os
import struct
import sys
import time

ROWS = 1 << 20


def data(path):
    """Pieces of events, as columns of little-endian numbers, become one Parquet file."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    told = json.loads(sys.stdin.buffer.readline())
    columns = [("user_id", "u4"), ("name", "u1"), ("time", "u4"), ("country", "u1"), ("path", "u2"), ("price", "f8"), ("gift", "u1")]

    def texts(codes, of):
        codes = pyarrow.array(codes.astype("i4"), mask=codes >= len(of))
        return pyarrow.DictionaryArray.from_arrays(codes, pyarrow.array(of))

    def table(pieces):
        of = {name: numpy.concatenate([piece[place] for piece in pieces]) for place, (name, _) in enumerate(columns)}
        return pyarrow.table({
            "user_id": of["user_id"],
            "name": texts(of["name"], told["names"]),
            "time": of["time"],
            "country": texts(of["country"], told["countries"]),
            "path": texts(of["path"], told["paths"]),
            "price": pyarrow.array(of["price"], mask=numpy.isnan(of["price"])),
            "gift": pyarrow.array(of["gift"] == 1, mask=of["gift"] > 1),
        })

    writer, pieces, rows = None, [], 0

    def write():
        nonlocal writer, pieces, rows
        made = table(pieces)
        if writer is None:
            writer = pyarrow.parquet.ParquetWriter(path, made.schema, compression="lz4")
        writer.write_table(made)
        pieces, rows = [], 0

    while head := sys.stdin.buffer.read(4):
        (count,) = struct.unpack("<I", head)
        pieces.append([
            numpy.frombuffer(sys.stdin.buffer.read(count * numpy.dtype(kind).itemsize), "<" + kind)
            for _, kind in columns
        ])
        rows += count
        if rows >= ROWS:
            write()
    if rows:
        write()
    writer.close()


class Chdb:
    """ClickHouse as a library: a MergeTree table in one part, ordered by user and time."""

    def __init__(self, folder):
        from chdb import engine_version, session

        self.version = engine_version
        self.session = session.Session(os.path.join(folder, "chdb"))
        self.session.query("CREATE DATABASE IF NOT EXISTS bench")
        self.session.query("USE bench")
        # Groups by user come in the table's order: this makes most of the questions quicker.
        self.session.query("SET optimize_aggregation_in_order = 1")

    def run(self, sql):
        return self.session.query(sql, "TabSeparated").bytes()

    def lines(self, got):
        return got.decode().splitlines()

    def threads(self, count):
        self.run(f"SET max_threads = {count}")

    def load(self, parquet):
        self.run("DROP TABLE IF EXISTS events")
        self.run(
            "CREATE TABLE events (user_id UInt32, name LowCardinality(String), time DateTime('UTC'), country LowCardinality(String), "
            "path LowCardinality(String), price Nullable(Float64), gift Nullable(Bool)) ENGINE = MergeTree ORDER BY (user_id, time)"
        )
        self.run(
            "INSERT INTO events SELECT user_id, name, toDateTime(time, 'UTC'), country, ifNull(path, ''), price, gift "
            f"FROM file('{parquet}', Parquet)"
        )
        self.run("OPTIMIZE TABLE events FINAL")

    def load_csv(self, csv):
        self.run("DROP TABLE IF EXISTS csv")
        self.run(
            "CREATE TABLE csv (user_id String, name LowCardinality(String), time DateTime('UTC'), country LowCardinality(String), "
            "path LowCardinality(String), price Nullable(Float64), gift Nullable(Bool)) ENGINE = MergeTree ORDER BY (user_id, time)"
        )
        self.run(f"INSERT INTO csv SELECT * FROM file('{csv}', CSVWithNames) SETTINGS date_time_input_format = 'best_effort'")

    def bytes(self):
        return int(self.run("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench' AND table = 'events'"))


class Duckdb:
    """DuckDB: a table in a file, sorted by user and time."""

    def __init__(self, folder):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect(os.path.join(folder, "duckdb"))
        self.connection.execute("SET enable_progress_bar = false")
        # A sort goes to disk beyond it, rather than taking most of the machine.
        self.connection.execute("SET memory_limit = '8GB'")

    def run(self, sql):
        return self.connection.execute(sql).fetchnumpy()

    def lines(self, got):
        return ["\t".join(map(str, row)) for row in zip(*(column.tolist() for column in got.values()))]

    def threads(self, count):
        self.connection.execute(f"SET threads = {count}")

    def load(self, parquet):
        # Short texts as numbers, which is what the other engine's LowCardinality does.
        self.connection.execute("DROP TABLE IF EXISTS events")
        for column in ["name", "country"]:
            self.connection.execute(f"DROP TYPE IF EXISTS {column}s")
            self.connection.execute(f"CREATE TYPE {column}s AS ENUM (SELECT DISTINCT {column} FROM '{parquet}' ORDER BY 1)")
        self.connection.execute(
            "CREATE TABLE events AS SELECT user_id, name::names AS name, make_timestamp(time::BIGINT * 1000000) AS time, "
            f"country::countrys AS country, path, price, gift FROM '{parquet}' ORDER BY user_id, time"
        )
        self.connection.execute("CHECKPOINT")

    def load_csv(self, csv):
        self.connection.execute(f"CREATE OR REPLACE TABLE csv AS SELECT * FROM read_csv('{csv}') ORDER BY user_id, time")

    def bytes(self):
        (count,) = self.connection.execute(
            "SELECT count(DISTINCT block_id) * (SELECT block_size FROM pragma_database_size()) FROM pragma_storage_info('events') "
            "WHERE block_id >= 0"
        ).fetchone()
        return count


def memory(key):
    """A figure of this process in bytes; nothing where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))
    except (OSError, StopIteration):
        return None


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def clock_for(threads):
    """What else runs on the machine counts for less in the time on the processor; several threads share the clock."""
    return time.process_time if threads == 1 else time.perf_counter


def serve(peer, folder):
    """Commands: load, csv, ask, end."""
    stamp = os.path.join(folder, f"{sys.argv[1]}.json")
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "load":
            # A table made by an earlier run is used again, with what that run measured.
            if os.path.exists(stamp):
                with open(stamp) as file:
                    answer = json.load(file)
            else:
                forget_peak()
                begun = time.perf_counter()
                peer.load(command["file"])
                answer = {"seconds": time.perf_counter() - begun, "peak": memory("VmHWM"), "bytes": peer.bytes(), "version": peer.version}
                with open(stamp, "w") as file:
                    json.dump(answer, file)
            forget_peak()
        elif command["do"] == "csv":
            peer.threads(command["threads"])
            clock = clock_for(command["threads"])
            begun = clock()
            peer.load_csv(command["file"])
            seconds = clock() - begun
            answer = {"seconds": seconds, "lines": peer.lines(peer.run("SELECT count(*) FROM csv"))}
            peer.run("DROP TABLE csv")
        elif command["do"] == "ask":
            peer.threads(command["threads"])
            clock = clock_for(command["threads"])
            begun = clock()
            got = peer.run(command["sql"])
            seconds = clock() - begun
            lines = peer.lines(got)
            if command["sum"]:
                lines = [f"{len(lines)}\t{sum(map(int, lines))}"]
            answer = {"seconds": seconds, "lines": sorted(lines)}
        else:
            answer = {"peak": memory("VmHWM")}
        print(json.dumps(answer), flush=True)


if sys.argv[1] == "data":
    data(sys.argv[2])
else:
    serve({"chdb": Chdb, "duckdb": Duckdb}[sys.argv[1]](sys.argv[2]), sys.argv[2])
