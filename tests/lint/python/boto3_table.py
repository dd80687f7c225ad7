# expect: 8 blocking-in-coroutine
import boto3

table = boto3.resource("dynamodb").Table("orders")


async def load(order_id):
    return table.get_item(Key={"id": order_id})["Item"]
