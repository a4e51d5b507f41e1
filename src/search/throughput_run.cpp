#include "search/throughput_run.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "machine/load_watch.h"
#include "measure/schedule.h"
#include "measure/warm_up.h"
#include "search/gate.h"
#include "search/request_search.h"
#include "search/throughput_blocks.h"

namespace podium::search {
namespace {

using std::chrono::nanoseconds;

constexpr int blocks_a_launch = 2;
/// That a cell's time is shared out over; disturbed ones are measured again beyond it.
constexpr int usual_launches = 3;
constexpr nanoseconds shortest_block{20'000'000};
/// The shortest warm-up has so many windows, none shorter than this.
constexpr std::int64_t warm_up_windows = 8;
constexpr nanoseconds shortest_window{10'000'000};
/// More in flight than this for each thread only wait.
constexpr std::int64_t requests_a_thread = 2;

/// A cell whose best number of requests is sought.
struct Contender {
  LiveCell* live = nullptr;
  RequestSearch search;
  std::optional<PreparedModel> model;
  std::string failed;        ///< why it is out
  bool is_finished = false;  ///< its figure is kept, or the reason why there is none

  [[nodiscard]] bool is_open() const { return !is_finished && failed.empty() && search.next().has_value(); }
};

class ThroughputRun {
 public:
  ThroughputRun(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request, const BatchRunHooks& hooks,
                const CancelToken& cancel)
      : batches_(batches),
        request_(request),
        hooks_(hooks),
        cancel_(cancel),
        specs_(input_specs(batches.memory)),
        order_(request.seed),
        load_("/", request.cpus, request.gpu) {
    const std::int64_t most = requests_a_thread * request.threads;
    for (LiveCell& cell : cells) {
      const bool is_measured = cell.cell.throughput.has_value();  // by an earlier run
      const bool may_judge = cell.cell.is_baseline;
      if (cell.cell.status == CellStatus::ok && (!is_measured || may_judge))
        contenders_.push_back({&cell, RequestSearch(most), std::nullopt, {}, is_measured});
    }
    // The others' answers are judged against the baseline's, so it has to answer first.
    std::stable_partition(contenders_.begin(), contenders_.end(), [](const Contender& it) { return it.live->cell.is_baseline; });
    const auto pieces = static_cast<double>(steps_to(most) * usual_launches * blocks_a_launch);
    block_ = std::max(nanoseconds(static_cast<std::int64_t>(request.throughput_budget.count() * 1e9 / pieces)), shortest_block);
  }

  Result<void> run() {
    for (Contender& contender : contenders_) take_up(contender);
    if (!open().empty()) let_measured_baseline_answer();
    while (!open().empty() && !must_stop()) launch_all();
    if (measured_s_ > 0.0) hooks_.on_measure(measured_s_, measured_s_, "throughput");  // once: the owner keeps count of a budget
    for (Contender& contender : contenders_) {
      if (!contender.is_finished) finish(contender);
    }
    return broken_ ? Result<void>(tl::unexpected(*broken_)) : Result<void>{};
  }

 private:
  std::vector<std::size_t> open() const {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      if (contenders_[i].is_open()) indices.push_back(i);
    }
    return indices;
  }

  /// Goes the way of an earlier run's search by its blocks, or of this run's by its own: on to the number that owes a launch.
  void take_up(Contender& contender) {
    Cell& cell = contender.live->cell;
    while (contender.is_open() && !owes_launch(cell.throughput_blocks, *contender.search.next())) {
      const std::int64_t requests = *contender.search.next();
      if (score_disturbed_throughput(cell.throughput_blocks, requests)) {
        hooks_.on_message(fmt::format("throughput of {} with {} requests in flight: nearly every launch was disturbed, so all are scored",
                                      cell.id, requests));
      }
      contender.search.tell(mean_rate(launch_rates(cell.throughput_blocks, requests, batches_.batch)).per_s);
    }
    if (!contender.is_finished && !contender.is_open() && !must_stop()) finish(contender);  // at once: what is kept is not lost
  }

  /// Where an earlier run has measured the baseline, at least in part, it answers once more: the others are judged by it.
  void let_measured_baseline_answer() {
    if (must_stop()) return;
    Contender& baseline = contenders_.front();
    if (!baseline.live->cell.is_baseline || !baseline.failed.empty()) return;
    if (baseline.is_open() && baseline.live->cell.throughput_blocks.empty()) return;  // its first launch answers
    hooks_.on_stage("throughput", baseline.live->cell.id, 0, contenders_.size());
    auto worker = load(baseline, 1);
    if (!worker) return tell_unjudged(baseline, worker.error());
    auto answers = worker->answers(batches_.memory.batches());
    if (!answers) return tell_unjudged(baseline, answers.error());
    reference_ = rows_of(*answers, batches_);
    worker->quit();
  }

  void tell_unjudged(const Contender& baseline, const worker::WorkerError& error) const {
    if (error.error.code == ErrorCode::cancelled) return;
    hooks_.on_message(fmt::format("the baseline {} does not answer any more, so answers under several requests are not judged by it: {}",
                                  baseline.live->cell.id, error.error.message));
  }

  /// One launch of every cell whose search goes on, each with the number of requests that it is at.
  void launch_all() {
    std::vector<std::size_t> order = order_.next(open());
    const bool baseline_first = reference_.empty() && contenders_.front().live->cell.is_baseline;
    if (baseline_first) std::sort(order.begin(), order.end());
    for (const std::size_t index : order) {
      if (must_stop()) return;
      launch_once(contenders_[index]);
      take_up(contenders_[index]);
    }
  }

  void launch_once(Contender& contender) {
    const std::int64_t requests = *contender.search.next();
    const auto done =
        static_cast<std::size_t>(std::count_if(contenders_.begin(), contenders_.end(), [](const Contender& it) { return !it.is_open(); }));
    hooks_.on_stage("throughput", fmt::format("{}, {} in flight", contender.live->cell.id, requests), done, contenders_.size());
    (void)foreign_since_last_scan();
    auto worker = load(contender, requests);
    if (!worker) return end(contender, requests, worker.error());
    auto answers = worker->answers(batches_.memory.batches());
    if (!answers) return end(contender, requests, answers.error());
    if (!judge_answers(contender, requests, rows_of(*answers, batches_))) return;
    if (const auto measured = measure(contender, *worker, requests); !measured) end(contender, requests, measured.error());
    worker->quit();
  }

  worker::Outcome<worker::Worker> load(Contender& contender, std::int64_t requests) {
    const LiveCell& live = *contender.live;
    if (!contender.model) {
      auto model = hooks_.prepare(live.candidate, specs_, live.build);
      if (!model) return tl::unexpected(worker::WorkerError{model.error(), {}});
      contender.model = std::move(*model);
    }
    auto worker = worker::Worker::start(hooks_.command(live.candidate), request_.limits, batches_.memory,
                                        request_.logs / log_name(live.cell.id, ".throughput.log"), cancel_);
    if (!worker) return worker;
    backend::LoadRequest load = load_request(live, specs_, request_.threads);
    load.model = contender.model->path;
    load.cache = contender.model->cache;
    load.requests = requests;
    if (auto loaded = worker->load(load); !loaded) return tl::unexpected(loaded.error());
    return worker;
  }

  /// An engine that is set up for several requests is set up otherwise than the one whose answers were judged.
  bool judge_answers(Contender& contender, std::int64_t requests, std::vector<Row> rows) {
    if (contender.live->cell.is_baseline && reference_.empty()) reference_ = std::move(rows);
    if (contender.live->cell.is_baseline || reference_.empty()) return true;
    const OutputError error = judge(reference_, rows, contender.live->cell.precision);
    if (error.verdict != Verdict::disagrees) return true;
    reject(contender, fmt::format("set up for {} requests in flight: {}", requests, error.reason));
    return false;
  }

  /// With all requests in flight and unscored, until the rate shows no trend: an engine that is warm with one may not be with several.
  /// Nothing where the cell was rejected meanwhile.
  worker::Outcome<std::optional<WarmUp>> warm_up(Contender& contender, worker::Worker& worker, std::int64_t requests) {
    measure::WarmUpRule rule = request_.warm_up;
    rule.fewest_iterations = 0;  // each window leads in with calls of its own, which are not counted
    measure::WarmUpWatch watch(rule);
    while (!watch.is_over() && !must_stop()) {
      const auto began = std::chrono::steady_clock::now();
      const auto figures = worker.throughput({std::max(rule.shortest / warm_up_windows, shortest_window), requests});
      if (!figures) return tl::unexpected(figures.error());
      if (!figures->mismatch.empty()) {
        reject(contender, figures->mismatch);
        return std::nullopt;
      }
      const double call_ns = static_cast<double>(figures->elapsed_ns) / static_cast<double>(std::max<std::int64_t>(figures->calls, 1));
      watch.add_window({call_ns}, figures->calls, std::chrono::steady_clock::now() - began);
    }
    if (watch.is_over() && !watch.is_steady()) {
      hooks_.on_message(fmt::format("throughput of {} with {} requests in flight was not steady after {:.0f} s of warm-up",
                                    contender.live->cell.id, requests, watch.summary().seconds));
    }
    return watch.summary();
  }

  /// The blocks of one launch, each kept when it has ended.
  worker::Outcome<void> measure(Contender& contender, worker::Worker& worker, std::int64_t requests) {
    Cell& cell = contender.live->cell;
    const std::int64_t launch = throughput_launches(cell.throughput_blocks, requests).next;
    auto warm = warm_up(contender, worker, requests);
    if (!warm) return tl::unexpected(warm.error());
    if (!*warm) return {};
    hooks_.on_load_beside(foreign_since_last_scan());
    for (int number = 0; number < blocks_a_launch && !must_stop(); ++number) {
      load_.begin(worker.pid());
      const auto began = std::chrono::steady_clock::now();
      const auto figures = worker.throughput({block_, requests});
      const nanoseconds took = std::chrono::steady_clock::now() - began;
      const BlockLoad load = load_.end();
      if (!figures) return tl::unexpected(figures.error());
      if (!figures->mismatch.empty()) {
        reject(contender, figures->mismatch);
        return {};
      }
      measured_s_ += static_cast<double>(figures->elapsed_ns) * 1e-9;
      ThroughputBlock block{requests, launch, figures->start_ns, figures->elapsed_ns, figures->calls, load, false, {}};
      block.warm_up = std::exchange(*warm, std::nullopt);
      keep(cell, std::move(block), took);
    }
    return {};
  }

  /// A block is set aside only for what the machine is known to have done meanwhile, as in latency mode.
  void keep(Cell& cell, ThroughputBlock block, nanoseconds took) {
    if (const auto evidence = hooks_.evidence_against(block.load, took, load_.cpus())) {
      block.set_aside = true;
      block.evidence = *evidence;
      hooks_.on_foreign_load(foreign_since_last_scan());
    }
    if (auto kept = hooks_.on_throughput_block(cell.id, block); !kept && !broken_) broken_ = kept.error();
    cell.throughput_blocks.push_back(std::move(block));
  }

  std::vector<machine::BusyProcess> foreign_since_last_scan() {
    const auto now = std::chrono::steady_clock::now();
    return foreign_.busiest_since_last_scan(std::chrono::duration<double>(now - std::exchange(last_scan_, now)).count());
  }

  void end(Contender& contender, std::int64_t requests, const worker::WorkerError& error) {
    if (error.error.code == ErrorCode::cancelled) return;
    // An engine that answers one request at a time has a throughput all the same.
    if (error.error.code == ErrorCode::unsupported && contender.search.best() > 0) return contender.search.end();
    contender.failed = fmt::format("with {} requests in flight: {}", requests, error.error.message);
    hooks_.on_message(fmt::format("throughput of {} is not known: {}", contender.live->cell.id, contender.failed));
  }

  void reject(Contender& contender, const std::string& reason) {
    Cell& cell = contender.live->cell;
    contender.failed = "wrong answers: " + reason;
    cell.status = CellStatus::rejected;
    cell.reason = contender.failed;
    cell.failure = Failure{"wrong_output", std::nullopt, {}};
    cell.output_error.verdict = Verdict::disagrees;
    cell.output_error.reason = reason;
  }

  void finish(Contender& contender) {
    contender.is_finished = true;
    Cell& cell = contender.live->cell;
    // A search that was cut off has not found the best.
    const bool cut_off = contender.failed.empty() && contender.search.next().has_value();
    if (contender.failed.empty() && !cut_off) {
      cell.throughput = summarize_throughput(cell.throughput_blocks, contender.search.best(), batches_.batch);
      cell.throughput_per_s = cell.throughput->per_s;
      cell.missing.erase("throughput");
      cell.missing.erase("throughput_per_s");
    } else {
      const std::string reason = cut_off ? "the run was stopped before the best number of requests was found" : contender.failed;
      cell.missing["throughput"] = reason;
      cell.missing["throughput_per_s"] = reason;
    }
    if (broken_) return;
    if (auto kept = hooks_.on_cell(cell); !kept) broken_ = kept.error();
  }

  bool must_stop() const { return broken_.has_value() || cancel_.requested(); }

  const Batches& batches_;
  const BatchRunRequest& request_;
  const BatchRunHooks& hooks_;
  const CancelToken& cancel_;
  std::vector<backend::InputSpec> specs_;
  measure::RoundOrder order_;
  std::vector<Contender> contenders_;
  std::vector<Row> reference_;
  machine::LoadWatch load_;
  machine::ForeignProcesses foreign_;
  std::chrono::steady_clock::time_point last_scan_ = std::chrono::steady_clock::now();  ///< of foreign processes
  nanoseconds block_{0};
  double measured_s_ = 0.0;
  std::optional<Error> broken_;
};

}  // namespace

Result<void> run_throughput(std::vector<LiveCell>& cells, const Batches& batches, const BatchRunRequest& request,
                            const BatchRunHooks& hooks, const CancelToken& cancel) {
  return ThroughputRun(cells, batches, request, hooks, cancel).run();
}

}  // namespace podium::search
