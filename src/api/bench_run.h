#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/accuracy_question.h"
#include "api/converted_models.h"
#include "api/kept_loads.h"
#include "api/load_of_others.h"
#include "api/lowered_models.h"
#include "backends/api/registry.h"
#include "cache/cache.h"
#include "core/device.h"
#include "core/result.h"
#include "data/input_set.h"
#include "import/import.h"
#include "machine/gpu_watch.h"
#include "machine/measuring_lock.h"
#include "machine/pinning.h"
#include "measure/timed_loop.h"
#include "podium/artifact.h"
#include "podium/bench.h"
#include "report/journal.h"
#include "search/batch_run.h"
#include "search/candidates.h"
#include "search/model_inputs.h"

namespace podium::api {

/// A cell as it is to go into an artefact.
struct MadeCell {
  backend::Descriptor descriptor;
  std::string engine_version;
  std::filesystem::path model;       ///< held until the run is gone
  bool is_the_measured_file = true;  ///< false: what was compiled anew came out differently
  bool is_compiled = false;          ///< for the shapes below
  OptionValues options;
  std::int64_t threads = 1;
  std::vector<backend::InputSpec> inputs;
  std::string recorded;  ///< bytes of the calls below
  std::vector<RecordedCall> calls;
  std::vector<std::filesystem::path> compiled{};  ///< what the engine compiled while it loaded, in its folder of the cache
};

/// What there is to measure one batch size with.
struct BatchWork {
  std::vector<search::LiveCell>& cells;  ///< may be added to
  const search::Batches& batches;
  const search::BatchRunRequest& request;
  const search::BatchRunHooks& hooks;
  const CancelToken& cancel;
  std::size_t batches_left;  ///< this one included
  /// Cells of more candidates, as those of the run's own are made.
  std::function<std::vector<search::LiveCell>(const std::vector<search::Candidate>&)> make_cells;
  double earlier_s = 0.0;  ///< that the run had taken when it was interrupted
  /// What loading a candidate took the last time, if what it needs is still in the cache (api/kept_loads.h).
  std::function<std::optional<double>(const search::Candidate&)> kept_load_s;
};
/// Measures one batch size in another way than all cells beside each other until each is known well enough.
using MeasureBatch = std::function<Result<void>(const BatchWork&)>;

/// A cell's model that is there already and is measured as it is: an artefact's.
struct MadeFile {
  std::filesystem::path path;
  std::string sha256;
  std::int64_t bytes = 0;
  std::filesystem::path compiled{};  ///< a folder with what its engine has compiled; empty: as for a model that the run makes
};
using MadeFiles = std::map<std::string, MadeFile>;  ///< by the cell's id

/// One `podium bench`: import, inputs, then every batch size in turn, each block kept in the journal.
class BenchRun {
 public:
  BenchRun(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel, MeasureBatch measure = {},
           MadeFiles made_files = {})
      : request_(request), observer_(observer), cancel_(cancel), measure_(std::move(measure)), made_files_(std::move(made_files)) {}
  [[nodiscard]] Result<Results> run();
  /// Instead of that: makes the files of cells that such a run has measured, and has their engines answer a few inputs.
  [[nodiscard]] Result<std::vector<MadeCell>> make_cells_again(const std::vector<const Cell*>& cells);
  /// What the model is, once it was taken in.
  [[nodiscard]] const ModelFacts& model() const noexcept { return results_.model; }

 private:
  [[nodiscard]] Result<MadeCell> make_cell_again(const Cell& cell);
  [[nodiscard]] Result<void> choose_device();
  [[nodiscard]] Result<void> choose_candidates();
  /// Finds out before a wait for another run, and minutes of preparing, that there is nothing to take inputs from.
  [[nodiscard]] Result<void> check_data();
  [[nodiscard]] Result<void> take_in_model();
  /// Adds an fp32 candidate to judge the others by where none was asked for.
  [[nodiscard]] Result<void> ensure_baseline();
  [[nodiscard]] Result<void> read_data();
  /// Keeps inputs of --data back to calibrate with, where there are no others for that.
  [[nodiscard]] Result<void> share_data();
  [[nodiscard]] bool finds_ranges() const;
  /// For cells whose model the converter makes.
  [[nodiscard]] Result<void> read_calibration();
  [[nodiscard]] Result<data::InputSet> calibration_inputs();
  [[nodiscard]] Result<data::InputSet> read_unlabelled(const std::filesystem::path& path, std::size_t most) const;
  [[nodiscard]] Result<void> keep_for_compilers(const ConversionBasis& basis);
  /// Looks at the machine, plans who runs where, and under --strict refuses what is not fit.
  [[nodiscard]] Result<void> check_machine();
  /// One run on a device at a time, from the taking in of the model on: exporting and converting would disturb what another measures.
  [[nodiscard]] Result<void> take_lock();
  /// Finds out before minutes of preparing that an interrupted run stands where this one is to go.
  [[nodiscard]] Result<void> check_journal();
  [[nodiscard]] Result<void> open_journal();
  [[nodiscard]] Result<report::Journal> make_journal();
  [[nodiscard]] Result<void> run_one_batch(std::int64_t batch, std::size_t batches_left);
  /// Ranks the cells of a batch size and puts them into the results, those beside them that only the earlier run has.
  void conclude(std::int64_t batch, std::vector<search::LiveCell> cells, bool was_stopped);
  /// What is known, that of the earlier run too which this one has not come to yet.
  [[nodiscard]] Result<void> write_results();
  [[nodiscard]] Result<void> end_journal();
  /// A cell for every candidate; those that cannot run are already ended with the reason.
  [[nodiscard]] std::vector<search::LiveCell> make_cells(const std::vector<search::Candidate>& candidates, std::int64_t batch) const;
  /// Warns of what disturbed blocks; scores them where too little is left without.
  void tell_disturbances(std::vector<Cell*>& cells, std::int64_t batch);
  [[nodiscard]] search::BatchRunRequest batch_request(std::int64_t batch, std::size_t batches_left) const;
  [[nodiscard]] double earlier_seconds_of(std::int64_t batch) const;
  /// `measured_before_s`: what was measured before the seconds that on_measure tells of.
  [[nodiscard]] search::BatchRunHooks hooks(std::int64_t batch, std::size_t batches_left, double measured_before_s);
  /// Shows the observer how a cell stands, at most a few times a second: the statistics cost a little.
  void tell_standing(const Cell& cell);
  [[nodiscard]] KeptLoads kept_loads() const;
  [[nodiscard]] Result<search::PreparedModel> prepare(const search::Candidate& candidate, const std::vector<backend::InputSpec>& inputs,
                                                      const std::string& subject, std::int64_t build);
  /// The model file of a candidate, converted where its precision asks for that, in an operator set that its engine reads.
  [[nodiscard]] Result<import::Variant> variant(const search::Candidate& candidate, import::VariantRequest request,
                                                const std::string& subject);
  /// Each candidate under several names, for a self-check.
  void copy_candidates();
  /// Takes over from the journal what still holds, and counts what it has cost.
  [[nodiscard]] Result<void> take_up_earlier_run();
  [[nodiscard]] Result<void> check_earlier_run() const;
  void take_over_warnings();
  void tell_warning(std::string warning);
  void probe_engines_again();
  [[nodiscard]] Result<void> judge_earlier_cells();
  void count_earlier_times();
  /// Whether this run's command asks for the cell.
  [[nodiscard]] bool names(const Cell& cell) const;
  void recall_cells();
  /// Of a batch size, what the earlier run has and is not among those.
  [[nodiscard]] std::vector<Cell> left_over_cells(std::int64_t batch, const std::vector<search::LiveCell>& measured) const;
  [[nodiscard]] std::string version_then(const std::string& backend) const;
  [[nodiscard]] Cell present_cell(const Cell& earlier) const;
  [[nodiscard]] std::string what_differs(const Cell& earlier, const Cell& present) const;
  /// When a block began: what an earlier run measured counts, the time between the two does not.
  [[nodiscard]] double seconds_into_run(std::int64_t start_ns) const;
  void note_foreign(const std::vector<machine::BusyProcess>& scan, std::int64_t batch);
  void note_version(const std::string& backend, const std::string& version);
  [[nodiscard]] Result<void> append_head();
  void recall_foreign(std::int64_t batch);
  void tell(const std::string& stage, const std::string& subject, std::size_t done, std::size_t total);
  [[nodiscard]] double elapsed_s() const;

  const BenchRequest& request_;
  BenchObserver& observer_;
  const CancelToken& cancel_;
  MeasureBatch measure_;  ///< empty: the usual way
  MadeFiles made_files_;  ///< of cells whose model is not made by the run
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Device device_;
  std::optional<machine::GpuWatch> gpu_;  ///< of a GPU whose driver answers
  TimingBoundary boundary_ = TimingBoundary::host;
  std::vector<std::int64_t> batches_;
  std::vector<search::Candidate> candidates_;
  std::optional<cache::Cache> cache_;
  std::optional<import::ImportedModel> model_;
  search::ModelInputs inputs_;
  data::InputSet samples_;
  AskedAccuracy accuracy_;
  std::optional<data::InputSet> kept_back_;  ///< of --data, to calibrate with
  std::optional<Error> no_calibration_;      ///< why cells that need ranges cannot run
  std::optional<ConvertedModels> converted_;
  std::optional<LoweredModels> lowered_;
  std::filesystem::path calibration_file_;  ///< the calibration inputs, where an engine's own quantizer wants them
  std::optional<report::Journal> journal_;
  std::optional<Results> earlier_;                  ///< what the journal of an interrupted run holds
  std::vector<Cell> recalled_;                      ///< its cells as they stand, of batch sizes that this one has not concluded
  std::map<std::int64_t, double> earlier_seconds_;  ///< when its blocks began, by their start_ns
  double earlier_s_ = 0.0;                          ///< when the last of them did
  std::vector<report::SeenScan> earlier_foreign_;   ///< whom it saw using the CPUs
  struct MeasuredTimes {
    double latency_s = 0.0;
    double throughput_s = 0.0;
  };
  std::map<std::int64_t, MeasuredTimes> earlier_times_;  ///< by batch size: what cells that are asked for now took from a budget
  std::set<std::string> silent_engines_;                 ///< that answered it, and do not now
  std::size_t head_warnings_ = 0;                        ///< of the run as a whole; behind them stand those of batch sizes
  std::vector<import::Variant> held_variants_;           ///< keeps the cache from evicting what is in use
  std::vector<cache::Entry> held_folders_;
  std::filesystem::path logs_;
  std::int64_t run_start_ns_ = measure::monotonic_ns();
  LoadOfOthers others_;       ///< while the batch size under way is measured
  std::int64_t usable_ = 1;   ///< CPUs, counted before anything is pinned
  std::int64_t threads_ = 0;  ///< of each engine; counted before anything is pinned
  machine::PinPlan pinning_;
  machine::AffinityScope supervisor_pinned_;  ///< while measuring: compilers that are started between want every CPU
  std::optional<machine::MeasuringLock> lock_;
  std::map<std::string, std::chrono::steady_clock::time_point> standings_told_;  ///< of each cell, when last
  Results results_;
  double measured_s_ = 0.0;
};

}  // namespace podium::api
