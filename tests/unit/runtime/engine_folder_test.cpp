#include "runtime/engine_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "fake_artifact.h"

namespace podium {
namespace {

namespace fs = std::filesystem;

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// A variable of the environment for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// An artefact of an engine that compiles for the GPU at hand, measured on the first; with what was compiled there, or without.
class CompiledForAGpu : public testing::Test {
 protected:
  fs::path artifact(bool with_compiled = true) {
    Manifest manifest = test::sample_manifest();
    manifest.environment.gpu = "First GPU";
    manifest.variants[0].device = "cuda:0";
    manifest.variants[0].options = {{"compiles", true}};
    artifact::Contents contents = test::sample_contents(manifest);
    if (with_compiled) contents.written["engine/fake-first.engine"] = "what the first GPU runs";
    fs::path place = folder_.path() / "best";
    if (auto written = artifact::write(place, manifest, contents, true); !written) throw std::runtime_error(written.error().message);
    return place;
  }
  /// Where engines keep what they compile.
  [[nodiscard]] fs::path kept(const std::string& name) const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "cache")) {
      if (entry.path().filename() == name) return entry.path();
    }
    return {};
  }

  test::TemporaryFolder folder_;
  Variable cache_{"XDG_CACHE_HOME", folder_.path() / "cache"};
  Variable gpu_{"PODIUM_FAKE_GPU", "first"};
};

TEST_F(CompiledForAGpu, LoadsWhatTheArtefactBrings) {
  const fs::path place = artifact();
  EXPECT_THAT(load(place).notices(), Not(Contains(HasSubstr("compiled"))));
  EXPECT_EQ(test::slurp(kept("fake-first.engine")), "what the first GPU runs");
}

TEST_F(CompiledForAGpu, SaysThatItWasCompiledAnewOnAnotherGpuAndKeepsThat) {
  const fs::path place = artifact();
  const Variable other("PODIUM_FAKE_GPU", "second");
  EXPECT_THAT(load(place).notices(),
              Contains(HasSubstr("which is for First GPU and Fake 0.1.0: it compiled models/model.onnx for this GPU")));
  EXPECT_EQ(test::slurp(kept("fake-second.engine")), "compiled");
  EXPECT_EQ(test::answer_of(load(place), {1, 2, 3, 4}).size(), 8U) << "the artefact is as it was, so that it loads again";
}

TEST_F(CompiledForAGpu, KeepsWhatItCompilesWhereTheArtefactBringsNothing) {
  EXPECT_THAT(load(artifact(false)).notices(), Not(Contains(HasSubstr("compiled"))));
  EXPECT_EQ(test::slurp(kept("fake-first.engine")), "compiled");
}

TEST_F(CompiledForAGpu, CompilesOnceForAllShapesBetweenThoseThatWereMeasured) {
  Manifest manifest = test::sample_manifest({1, 8});
  for (ArtifactVariant& variant : manifest.variants) {
    variant.device = "cuda:0";
    variant.options = {{"compiles", true}};
  }
  test::write_sample(folder_.path() / "two", manifest);
  const Model model = load(folder_.path() / "two");
  EXPECT_EQ(test::answer_of(model, std::vector<float>(32)).size(), 64U);
  EXPECT_TRUE(kept("fake-first-range.engine").empty()) << "eight rows were measured";
  EXPECT_EQ(test::answer_of(model, std::vector<float>(20)).size(), 40U);
  EXPECT_EQ(test::slurp(kept("fake-first-range.engine")), "compiledx=1:8:8x4");
  EXPECT_EQ(test::answer_of(model, std::vector<float>(64)).size(), 128U) << "more rows than any: for that shape alone";
  EXPECT_EQ(test::slurp(kept("fake-first-range.engine")), "compiledx=1:8:8x4");
}

TEST_F(CompiledForAGpu, RunsWhereNothingCanBeKept) {
  const fs::path place = artifact();
  const Variable nowhere("XDG_CACHE_HOME", "/proc/nowhere");
  EXPECT_THAT(load(place).notices(), Not(Contains(HasSubstr("compiled"))));
}

TEST_F(CompiledForAGpu, MakesNoFolderForAnEngineOnTheCpu) {
  const test::FakeArtifact on_cpu({{"compiles", true}});
  static_cast<void>(on_cpu.load());
  EXPECT_FALSE(fs::exists(folder_.path() / "cache"));
}

}  // namespace
}  // namespace podium
