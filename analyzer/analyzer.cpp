#include "model/finding.h"
