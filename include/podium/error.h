#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace podium {

/// What kind of thing went wrong; decides the exit status of the command line.
enum class ErrorCode {
  wrong_use,      ///< the request itself is wrong: an unknown name, a missing flag (exit status 2)
  bad_input,      ///< a model, picture or data file is missing, damaged or hostile (exit status 2)
  unsupported,    ///< expected of a candidate: this engine cannot run this model so
  unavailable,    ///< an engine or tool is not installed here (exit status 3 when nothing else runs)
  failed,         ///< an engine or helper process broke
  timeout,        ///< a limit on time was reached
  out_of_memory,  ///< a limit on memory was reached
  io,             ///< the operating system refused a file operation: full disk, no permission
  cancelled,      ///< the user asked to stop
  check_failed,   ///< a check that the user asked for did not hold (exit status 1)
};

/// The one error type: what was wrong and where, and the flag or command that mends it.
struct Error {
  ErrorCode code = ErrorCode::failed;
  std::string message;  ///< one sentence: what was wrong, and where
  std::string remedy;   ///< one sentence: the flag or command that mends it; may be empty
};

/// Carries an Error across the public boundary. Inside Podium, errors are values.
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

}  // namespace podium
