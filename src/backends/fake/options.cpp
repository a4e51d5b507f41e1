#include "backends/fake/options.h"

#include "backends/api/shape_ranges.h"

namespace podium::fake {

namespace {

OptionSpec integer(const char* name, std::int64_t value, std::int64_t maximum, const char* help) {
  return {name, OptionType::integer, OptionValue(value), {}, 0, maximum, help};
}

OptionSpec choice(const char* name, const char* value, std::vector<std::string> choices, const char* help) {
  return {name, OptionType::choice, OptionValue(std::string(value)), std::move(choices), 0, 0, help};
}

OptionSpec flag(const char* name, const char* help) {
  return {name, OptionType::flag, OptionValue(false), {}, 0, 0, help};
}

OptionSpec moment(const char* name, const char* help) {
  return choice(name, "never", {"never", "load", "answers", "measure"}, help);
}

}  // namespace

std::vector<OptionSpec> options() {
  constexpr std::int64_t minute_us = 60'000'000;
  return {
      integer("latency-us", 0, minute_us, "how long one inference takes"),
      integer("jitter-us", 0, minute_us, "up to so much longer, at random from a fixed seed"),
      flag("busy", "spend the latency computing instead of asleep"),
      integer("load-us", 0, minute_us, "how long loading takes"),
      integer("first-call-us", 0, minute_us, "so much longer at the first inference"),
      integer("lead-in", 0, 1000, "how many inferences after a pause are slower"),
      integer("lead-in-us", 0, minute_us, "by how much they are slower at first; the rest fades evenly"),
      choice("output", "correct", {"correct", "constant", "swapped", "noise", "nan"},
             "what it answers: swapped gives the answer to the input before"),
      integer("noise-db", 40, 200, "signal to noise of output=noise"),
      choice("output-shape", "honest", {"honest", "extra-axis", "one-row-less"}, "the shape that it claims for its answer"),
      moment("crash-at", "when it ends by the signal"),
      choice("signal", "segv", {"segv", "abrt", "bus", "fpe", "ill", "kill", "term", "none"}, "of crash-at; none: it exits with status 3"),
      moment("hang-at", "when it stops answering"),
      moment("eat-memory-at", "when it starts to take memory"),
      integer("eat-memory-mb", 4096, 1'000'000, "how much it takes"),
      moment("refuse-at", "when it says that the model is unsupported"),
      moment("error-at", "when it answers with an error"),
      moment("throw-at", "when it throws"),
      integer("after-calls", 0, 1'000'000'000, "so many inferences later than answers or measure begin"),
      integer("parallel", 0, 4096, "requests that it serves at once, others wait; 0: as many as come"),
      flag("single-request", "it answers one request at a time and says so"),
      flag("mixed-answers", "while several requests are in flight, each is answered with what belongs to another"),
      integer("device-clock-percent", 100, 1000, "of the time that a call takes, what the clock of its cuda:0 says; 0: it has no clock"),
      flag("compiles", "keep what it compiled for the GPU that PODIUM_FAKE_GPU names, and load that the next time"),
      {backend::shapes_option, OptionType::text, OptionValue(std::string()), {}, 0, 0, "of compiles: for a range of shapes"},
      integer("children", 0, 100, "processes that it starts at load, each in a session of its own"),
      integer("spinning-threads", 0, 100, "threads that compute all the time, as some engines' pools do between inferences"),
  };
}

}  // namespace podium::fake
