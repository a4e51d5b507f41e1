#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "worker/protocol.h"

/// A worker that answers "hello" as it should and then breaks the protocol in the way that its first argument names.
namespace {

constexpr int socket_number = 3;

void write_bytes(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::write(socket_number, bytes.data() + sent, bytes.size() - sent);
    if (count <= 0) _exit(9);
    sent += static_cast<std::size_t>(count);
  }
}

void write_message(const std::string& text) {
  write_bytes(podium::worker::frame(text));
}

std::string read_message() {
  podium::worker::FrameReader reader;
  char byte = 0;
  while (::read(socket_number, &byte, 1) == 1) {
    reader.add({&byte, 1});
    if (auto message = reader.next(); message && *message) return **message;
  }
  _exit(0);
}

void wait_for_the_end() {
  while (true) ::pause();
}

const std::map<std::string, std::function<void()>> manners{
    {"half-a-frame", [] { write_bytes(podium::worker::frame(R"({"ok": true, "providers": {}})").substr(0, 11)); }},
    {"half-a-length", [] { write_bytes("\x05"); }},
    {"oversize",
     [] {
       write_bytes({'\xff', '\xff', '\xff', '\x7f'});
       wait_for_the_end();
     }},
    {"no-json",
     [] {
       write_message("this is no JSON");
       wait_for_the_end();
     }},
    {"not-an-object",
     [] {
       write_message("[1, 2]");
       wait_for_the_end();
     }},
    {"missing-fields",
     [] {
       write_message(R"({"ok": true})");
       wait_for_the_end();
     }},
    {"outside-the-arena",
     [] {
       write_message(R"({"ok": true, "first_inference_ns": null,
                         "batches": [[{"name": "y", "type": "float32", "shape": [1000], "offset": 64, "bytes": 4000}]]})");
       wait_for_the_end();
     }},
    {"impossible-shape",
     [] {
       write_message(R"({"ok": true, "first_inference_ns": null, "batches":
                        [[{"name": "y", "type": "float32", "shape": [4294967296, 4294967296], "offset": 0, "bytes": 0}]]})");
       wait_for_the_end();
     }},
    {"too-many-samples",
     [] {
       write_message(R"({"ok": true, "start_ns": 1, "elapsed_ns": 1, "samples": 1000000, "offset": 0, "user_ns": 1})");
       wait_for_the_end();
     }},
    {"closes-and-stays",
     [] {
       ::close(socket_number);
       wait_for_the_end();
     }},
    {"answers-and-exits", [] { write_message(R"({"ok": true, "providers": {"rogue": 1}, "compute_types": {}, "fallback_share": null})"); }},
    {"says-out-of-memory",
     [] {
       write_message(R"({"ok": false, "error": {"code": "out_of_memory", "message": "no memory", "remedy": ""}})");
       wait_for_the_end();
     }},
    {"many-lines",
     [] {
       for (int i = 0; i < 100; ++i) std::printf("line %d\x1b[31m\n", i);
       std::fflush(stdout);
       _exit(4);
     }},
};

}  // namespace

int main(int, char** arguments) {
  const std::string manner = arguments[1];
  read_message();
  write_message(manner == "other-version" ? R"({"ok": true, "protocol": 99, "pid": 1})" : R"({"ok": true, "protocol": 1, "pid": 1})");
  read_message();
  manners.at(manner)();
  return 0;
}
