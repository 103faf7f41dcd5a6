// A session's program comes with the package; of no recipes nothing can be asked.

import { buildfile } from "hashmake"
import { outdatedTarget } from "hashmake/linux"

export default buildfile({}, () => ({ outdated: outdatedTarget([]) }))
