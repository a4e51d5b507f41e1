#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "backends/api/module.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "worker/protocol.h"
#include "worker/serve/inference.h"
#include "worker/serve/shared_memory.h"

namespace podium::worker {

/// Answers the supervisor's requests, one after the other, until its socket closes or it says "quit".
class Server {
 public:
  /// A module that could not be opened is served too: its reason is the answer to "probe" and "load".
  Server(const Result<backend::Module>& module, UniqueFd socket, InputMap inputs, int arena);
  /// The worker's exit status.
  int serve();

 private:
  using Reply = Result<nlohmann::json>;
  using Operation = Reply (Server::*)(const nlohmann::json&);
  struct NamedOperation {
    const char* name;
    Operation run;
  };
  static const NamedOperation operations[];

  [[nodiscard]] std::optional<std::string> next_message();
  [[nodiscard]] nlohmann::json answer(const nlohmann::json& request);
  [[nodiscard]] Reply dispatch(const nlohmann::json& request);
  [[nodiscard]] bool send(const nlohmann::json& reply) const;
  [[nodiscard]] Result<Inference*> loaded();

  Reply hello(const nlohmann::json& request);
  Reply probe(const nlohmann::json& request);
  Reply load(const nlohmann::json& request);
  Reply answers(const nlohmann::json& request);
  Reply measure(const nlohmann::json& request);
  Reply throughput(const nlohmann::json& request);
  Reply audit(const nlohmann::json& request);
  Reply quit(const nlohmann::json& request);

  const Result<backend::Module>& module_;
  UniqueFd socket_;
  InputMap inputs_;
  ArenaMap arena_;
  FrameReader incoming_;
  std::optional<Inference> inference_;
  bool quitting_ = false;
  int exit_status_ = 0;
};

}  // namespace podium::worker
