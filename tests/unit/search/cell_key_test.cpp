#include "search/cell_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace podium::search {
namespace {

/// All that a key is made of.
struct Measured {
  Cell cell;
  Environment environment;
  ModelFacts model;
  RunSettings settings;

  [[nodiscard]] std::string key() const { return cell_key(cell, environment, model, settings); }
};

Measured sample() {
  Measured measured;
  measured.cell.id = "fake/fp32/b1/cpu";
  measured.cell.backend = "fake";
  measured.cell.batch = 1;
  measured.cell.device = "cpu";
  measured.cell.options = {{"flag", true}, {"latency-us", std::int64_t{5}}, {"output", std::string("on")}};
  measured.cell.variant_sha256 = std::string(64, 'b');
  measured.cell.timing_boundary = "host";
  measured.cell.mode = "latency";
  measured.environment.cpu = "A Processor";
  measured.environment.isa = {"avx2", "avx512f"};
  measured.environment.cores = 2;
  measured.environment.memory_bytes = 8'000'000'000;
  measured.environment.governor = "performance";
  measured.environment.os = "Linux 6.1";
  measured.environment.versions = {{"fake", "1.0"}, {"other", "2.0"}};
  measured.environment.podium_version = "0.1.0";
  measured.environment.build_type = "release";
  measured.model.sha256 = std::string(64, 'a');
  measured.settings.shapes = {{"x", {1, 128}}};
  measured.settings.data_sha256 = std::string(64, 'c');
  return measured;
}

using Edit = std::function<void(Measured&)>;

TEST(CellKey, IsAHashAndTheSameForTheSameThing) {
  EXPECT_THAT(sample().key(), ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(sample().key().size(), 64U);
  EXPECT_EQ(sample().key(), sample().key());
}

TEST(CellKey, DiffersWithAllThatMayChangeATime) {
  const std::vector<Edit> edits{
      [](Measured& m) { m.model.sha256 = std::string(64, 'x'); },
      [](Measured& m) { m.cell.variant_sha256 = std::string(64, 'x'); },
      [](Measured& m) { m.cell.backend = "other"; },
      [](Measured& m) { m.environment.versions["fake"] = "1.1"; },
      [](Measured& m) { m.cell.precision = Precision::bf16; },
      [](Measured& m) { m.cell.batch = 8; },
      [](Measured& m) { m.cell.device = "cuda:0"; },
      [](Measured& m) { m.cell.options["flag"] = false; },
      [](Measured& m) { m.cell.options["output"] = true; },
      [](Measured& m) { m.cell.options["another"] = std::int64_t{1}; },
      [](Measured& m) { m.settings.threads = 1; },
      [](Measured& m) {
        m.settings.shapes["x"] = {1, 256};
      },
      [](Measured& m) { m.settings.data_sha256 = std::string(64, 'x'); },
      [](Measured& m) { m.cell.timing_boundary = "device"; },
      [](Measured& m) { m.cell.mode = "throughput"; },
      [](Measured& m) { m.cell.concurrency = 4; },
      [](Measured& m) { m.environment.cpu = "Another Processor"; },
      [](Measured& m) { m.environment.isa = {"avx2"}; },
      [](Measured& m) { m.environment.cores = 4; },
      [](Measured& m) { m.environment.governor = "powersave"; },
      [](Measured& m) { m.environment.os = "Linux 6.2"; },
      [](Measured& m) { m.environment.gpu = "a card"; },
      [](Measured& m) { m.environment.driver = "550.1"; },
      [](Measured& m) { m.environment.podium_version = "0.2.0"; },
      [](Measured& m) { m.environment.build_type = "debug"; },
  };
  std::set<std::string> keys{sample().key()};
  for (const Edit& edit : edits) {
    Measured measured = sample();
    edit(measured);
    keys.insert(measured.key());
  }
  EXPECT_EQ(keys.size(), edits.size() + 1) << "an edit left the key as it was";
}

TEST(CellKey, IsTheSameWhateverChangesNoTime) {
  const std::vector<Edit> edits{
      [](Measured& m) { m.cell.latency_ms = Latency{}; },
      [](Measured& m) { m.cell.status = CellStatus::ok; },
      [](Measured& m) { m.cell.rank = 1; },
      [](Measured& m) { m.environment.versions["other"] = "3.0"; },
      [](Measured& m) { m.environment.warnings = {"a warning"}; },
      [](Measured& m) {
        m.environment.isa = {"avx512f", "avx2"};
      },
      [](Measured& m) { m.environment.memory_bytes += 4096; },  // the next kernel tells a page more
      [](Measured& m) { m.model.name = "the same model in another folder"; },
      [](Measured& m) { m.settings.budget_s = 60.0; },
      [](Measured& m) { m.settings.seed = 7; },
      [](Measured& m) { m.settings.backends = {"fake"}; },
      [](Measured& m) { m.settings.threads = 2; },  // as many as 0 stands for here
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Measured measured = sample();
    edits[i](measured);
    EXPECT_EQ(measured.key(), sample().key()) << "edit " << i;
  }
}

TEST(CellKey, CannotBeForgedByATextThatLooksLikeAField) {
  Measured one = sample();
  one.cell.options = {{"a", std::string("x\noption=1:b")}};
  Measured two = sample();
  two.cell.options = {{"a", std::string("x")}, {"b", std::string()}};
  EXPECT_NE(one.key(), two.key());
}

}  // namespace
}  // namespace podium::search
