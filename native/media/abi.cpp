// Version of the border between Sigma.Media and this library; both sides must agree.
extern "C" __attribute__((visibility("default"))) int sm_abi_version() noexcept { return 1; }
