# expect: 8 compute-in-async
from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier()


async def train(x, y):
    model.fit(x, y)
