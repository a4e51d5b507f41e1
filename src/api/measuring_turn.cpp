#include "api/measuring_turn.h"

#include "machine/device_identity.h"

namespace podium::api {

Result<machine::MeasuringLock> take_turn(const Device& device, const std::vector<std::string>& command, bool no_wait,
                                         BenchObserver& observer, const CancelToken& cancel) {
  machine::LockRequest request;
  request.device = device.name();
  request.identity = machine::device_identity(device);
  request.command = command;
  request.no_wait = no_wait;
  return machine::MeasuringLock::acquire(request, cancel, [&observer](const std::string& owner) {
    observer.on_message("another run measures on this device, so this one waits (--no-wait refuses instead): " + owner);
  });
}

}  // namespace podium::api
