#include <gtest/gtest.h>

#include <algorithm>

#include "fake_nvml.h"
#include "machine/preflight.h"

namespace {

using namespace podium::machine;
using podium::test::FakeNvml;
using podium::test::TemporaryFolder;

PreflightReport look() {
  const TemporaryFolder nothing;
  return preflight(nothing.path(), {1, std::chrono::duration<double>(0), FakeNvml::watch()});
}

bool has(const PreflightReport& report, Severity severity, const std::string& text) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.severity == severity && finding.sentence.find(text) != std::string::npos && !finding.remedy.empty();
  });
}

TEST(PreflightGpu, FindsNothingOnAnIdleGpu) {
  const FakeNvml fake("clock 345\nmemory_clock 2619\nmilliwatts 76000\ntemperature 31\nmemory_used 10\nbusy 0\nreasons 1\npersistence 1");
  const PreflightReport report = look();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.facts.at("gpu"), "measured on");
  EXPECT_EQ(report.facts.at("gpu_clock"), "345 of at most 1980 MHz");
  EXPECT_EQ(report.facts.at("gpu_memory_clock"), "2619 MHz");
  EXPECT_EQ(report.facts.at("gpu_power"), "76 of at most 700 W");
  EXPECT_EQ(report.facts.at("gpu_temperature"), "31 °C");
  EXPECT_EQ(report.facts.at("gpu_busy"), "0 %");
  EXPECT_EQ(report.facts.at("gpu_throttle"), "nothing") << "being idle is no reason that counts";
  EXPECT_EQ(report.facts.at("gpu_persistence"), "on");
}

TEST(PreflightGpu, FindsAnotherProgramHeatAndADriverThatComesAndGoes) {
  const FakeNvml fake("memory_used 640\nbusy 97\nreasons 64\npersistence 0");
  const PreflightReport report = look();
  EXPECT_TRUE(has(report, Severity::bad, "busy, 97 % of the time"));
  EXPECT_TRUE(has(report, Severity::warning, "hold 640 B of the GPU's memory"));
  EXPECT_TRUE(has(report, Severity::bad, "heat, by hardware"));
  EXPECT_TRUE(has(report, Severity::warning, "unloaded between programs"));
  EXPECT_EQ(report.facts.at("gpu_clock"), "not readable");
}

}  // namespace
