#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/bench.h"
#include "podium/cancel.h"
#include "podium/results.h"

namespace podium {

struct VerifyRequest {
  std::filesystem::path artifact;
  std::chrono::duration<double> budget{0};  ///< of measuring, for each variant; 0: 10 s
  bool speed = true;                        ///< measure too
  bool no_wait = false;                     ///< refuse while another run measures here, rather than wait for it
};

enum class CheckOutcome { passed, failed, not_judged };
[[nodiscard]] std::string_view to_string(CheckOutcome outcome) noexcept;

/// One check of an artefact.
struct VerifyStep {
  std::string name;  ///< "files", "engine", "outputs", "speed"
  CheckOutcome outcome = CheckOutcome::failed;
  std::string finding;  ///< one sentence with figures
  std::string remedy;   ///< where it failed
};

struct Verification {
  std::vector<VerifyStep> steps;  ///< a step that failed ends them, but for those after "engine"
  Environment environment;        ///< where it was checked
  [[nodiscard]] bool holds() const noexcept;
};

/// Is the artefact whole, is its engine here, are its answers the recorded ones within the precision's tolerance, is it as fast as recorded
/// within the noise? Answers and times come from a worker. On another machine than it was measured on, speed is told and not judged.
/// Throws Exception where it cannot be told: there is no artefact, or it was cancelled.
[[nodiscard]] Verification verify(const VerifyRequest& request, BenchObserver& observer, const CancelToken& cancel);

/// One page with the verdict, every check and the machine, that needs no network and no other file.
[[nodiscard]] std::string to_html(const Verification& verification, const std::string& artifact,
                                  const std::vector<std::string>& command = {});

}  // namespace podium
